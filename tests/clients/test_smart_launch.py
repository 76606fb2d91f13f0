"""The SMART on FHIR client (PyPI: fhirclient) and fhirpy with tokens that they got by the real way: the client finds the
addresses in the CapabilityStatement, sends a browser with PKCE, and exchanges the code."""

import asyncio
import html
import http.cookiejar
import os
import re
import unittest
import urllib.error
import urllib.parse
import urllib.request

from fhirclient.client import FHIRClient
from fhirclient.models.condition import Condition
from fhirclient.models.observation import Observation
from fhirpy import AsyncFHIRClient

BASE = os.environ["TSUMUGI_BASE"]
PATIENT = os.environ["TSUMUGI_PATIENT"]
BACK = "http://127.0.0.1:9/python"


class Stop(urllib.request.HTTPRedirectHandler):
    """Follows redirects of the server, not the one that leads back to the app."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        if newurl.startswith(BACK):
            raise Back(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class Back(Exception):
    """The browser is sent back to the app."""


def decide(address):
    """What a person does in a browser: sign in by being chosen, read, allow. Gives the address back to the app."""
    browser = urllib.request.build_opener(Stop, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def go(url, form=None):
        root = "{0.scheme}://{0.netloc}".format(urllib.parse.urlparse(url))
        data = urllib.parse.urlencode(form).encode() if form else None
        headers = {"Origin": root, "Sec-Fetch-Site": "same-origin"} if form else {}
        with browser.open(urllib.request.Request(url, data, headers)) as answer:
            return answer.geturl(), answer.read().decode()

    def field(text, name):
        return html.unescape(re.search(f'name="{name}" value="([^"]*)"', text)[1])

    url, page = go(address)
    form = {"person": "haru", "csrf": field(page, "csrf"), "request": field(page, "request")}
    url, page = go(urllib.parse.urljoin(url, "/sign-in"), form)
    form = {"decision": "allow", "csrf": field(page, "csrf"), "request": field(page, "request")}
    try:
        go(urllib.parse.urljoin(url, "/oauth/consent"), form)
    except Back as back:
        return str(back)
    raise AssertionError("the browser was not sent back")


class SmartLaunch(unittest.TestCase):
    """A citizen's app in Python."""

    @classmethod
    def setUpClass(cls):
        settings = {
            "app_id": "python",
            "api_base": f"{BASE}/",
            "redirect_uri": BACK,
            "scope": "launch/patient patient/Observation.rs openid fhirUser offline_access",
        }
        cls.client = FHIRClient(settings=settings)
        cls.client.handle_callback(decide(cls.client.authorize_url))

    def test_the_client_is_ready_with_the_persons_record(self):
        self.assertTrue(self.client.ready)
        self.assertEqual(self.client.patient_id, PATIENT)

    def test_it_reads_what_the_scopes_leave(self):
        found = Observation.where({"patient": PATIENT}).perform_resources(self.client.server)
        self.assertEqual(len(found), 1)
        self.assertEqual(Condition.where({"patient": PATIENT}).perform_resources(self.client.server), [])

    def test_it_refreshes(self):
        before = self.client.server.auth.access_token
        self.assertTrue(self.client.reauthorize())
        self.assertNotEqual(self.client.server.auth.access_token, before)
        self.test_it_reads_what_the_scopes_leave()

    def test_fhirpy_reads_with_the_same_token(self):
        client = AsyncFHIRClient(BASE, authorization=f"Bearer {self.client.server.auth.access_token}")
        found = asyncio.run(client.resources("Observation").search(patient=PATIENT).fetch())
        self.assertEqual(len(found), 1)
