"""The SMART on FHIR client (PyPI: fhirclient) against the server. Its models are strict: an answer that does not have the
form of R4 is refused by the client."""

import json
import unittest

from fhirclient.client import FHIRClient
from fhirclient.models.bundle import Bundle
from fhirclient.models.observation import Observation
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.patient import Patient
from fhirclient.server import FHIRNotFoundException, FHIRUnauthorizedException
from requests import HTTPError

from shared import BASE, TOKEN, fixtures, person, weighing


def signed_in(token=TOKEN):
    """A client that has signed in already: this server gives no tokens by OAuth in a development folder."""
    auth = {"access_token": token}
    client = FHIRClient(
        state={"app_id": "clients", "server": {"base_uri": f"{BASE}/", "auth_type": "oauth2", "auth": auth}}
    )
    client.server.session.headers["Accept-Language"] = "en"
    return client


class Fhirclient(unittest.TestCase):
    """Every interaction that a program of today makes with it."""

    @classmethod
    def setUpClass(cls):
        cls.client = signed_in()
        cls.server = cls.client.server
        cls.patient = cls.create(Patient(person("39490016::00880401:")))

    @classmethod
    def create(cls, resource):
        return type(resource)(resource.create(cls.server))

    def weigh(self, number):
        return self.create(Observation(weighing(number, self.patient.id)))

    def outcome(self, response, status, code=None):
        self.assertEqual(response.status_code, status)
        outcome = OperationOutcome(response.json())
        if code:
            self.assertEqual(outcome.issue[0].code, code)
        return outcome

    def test_the_statement_has_the_form_of_r4(self):
        statement = FHIRClient(settings={"app_id": "clients", "api_base": BASE}).server.capabilityStatement
        self.assertEqual(statement.fhirVersion, "4.0.1")
        observation = next(each for each in statement.rest[0].resource if each.type == "Observation")
        served = {interaction.code for interaction in observation.interaction}
        self.assertLessEqual({"read", "vread", "create", "update", "patch", "delete", "search-type"}, served)

    def test_what_was_created_is_read_back(self):
        read = Patient.read(self.patient.id, self.server)
        self.assertEqual(read.as_json(), self.patient.as_json())
        self.assertEqual(read.name[0].given, ["花子"])
        self.assertEqual(read.birthDate.isostring, "1948-04-01")
        weight = Observation.read(self.weigh(0).id, self.server)
        self.assertEqual(weight.valueQuantity.value, 52.5)
        self.assertEqual(weight.subject.resolved(Patient).id, self.patient.id)

    def test_a_search_is_paged_to_its_end(self):
        someone = self.create(Patient(person("39490016::00880402:")))
        sent = [self.create(Observation(weighing(number, someone.id))).id for number in range(7)]
        asked = Observation.where({"patient": someone.id, "_sort": "date", "_count": "3"})
        pages = [[entry.resource.id for entry in bundle.entry] for bundle in asked.perform_iter(self.server)]
        self.assertEqual(pages, [sent[:3], sent[3:6], sent[6:]])
        self.assertEqual([resource.id for resource in asked.perform_resources_iter(self.server)], sent)
        self.assertEqual(asked.perform(self.server).total, 7)

    def test_an_update_goes_through_only_on_the_version_that_it_names(self):
        weight = self.weigh(1)
        weight.status = "amended"
        guarded = signed_in()
        guarded.server.session.headers["If-Match"] = 'W/"1"'
        updated = Observation(weight.update(guarded.server))
        self.assertEqual((updated.meta.versionId, updated.status), ("2", "amended"))
        with self.assertRaises(HTTPError) as refused:
            weight.update(guarded.server)
        self.outcome(refused.exception.response, 412, "conflict")
        self.assertEqual(Observation.read(weight.id, self.server).meta.versionId, "2")

    def test_a_json_patch_changes_what_it_names_and_nothing_else(self):
        # The client has no call for it; its session and its signature do it.
        weight = self.weigh(2)
        operations = [{"op": "replace", "path": "/status", "value": "corrected"}]
        headers = self.server.auth.signed_headers({"Content-Type": "application/json-patch+json"})
        url = f"{self.server.base_uri}{weight.relativePath()}"
        answer = self.server.session.patch(url, headers=headers, data=json.dumps(operations))
        self.server.raise_for_status(answer)
        self.assertEqual(answer.headers["ETag"], 'W/"2"')
        after = Observation.read(weight.id, self.server).as_json()
        before = weight.as_json()
        self.assertEqual(after.pop("meta")["versionId"], "2")
        before.pop("meta")
        self.assertEqual(after, {**before, "status": "corrected"})
        wrong = [{"op": "replace", "path": "/status"}]
        refused = self.server.session.patch(url, headers=headers, data=json.dumps(wrong))
        self.assertIn(refused.status_code, (400, 422))
        OperationOutcome(refused.json())

    def test_a_transaction_writes_all_with_its_own_references(self):
        sent = fixtures()["transaction"]
        sent["entry"][0]["resource"]["identifier"][0]["value"] = "39490016::00880403:"
        answer = Bundle(Bundle(sent).create(self.server))
        self.assertEqual(answer.type, "transaction-response")
        self.assertEqual([entry.response.status[:3] for entry in answer.entry], ["201"] * 3)
        ids = [entry.response.location.split("/")[1] for entry in answer.entry]
        pulse = Observation.read(ids[2], self.server)
        self.assertEqual(pulse.subject.reference, f"Patient/{ids[0]}")
        self.assertEqual(pulse.encounter.reference, f"Encounter/{ids[1]}")

    def test_history_has_every_version_and_deletion(self):
        weight = self.weigh(3)
        weight.status = "amended"
        weight.update(self.server)
        weight.delete(self.server)
        history = Bundle.read_from(f"{weight.relativePath()}/_history", self.server)
        self.assertEqual(history.type, "history")
        self.assertEqual([entry.request.method for entry in history.entry], ["DELETE", "PUT", "POST"])
        statuses = [entry.resource.status if entry.resource else None for entry in history.entry]
        self.assertEqual(statuses, [None, "amended", "final"])
        with self.assertRaises(HTTPError) as gone:
            Observation.read(weight.id, self.server)
        self.outcome(gone.exception.response, 410, "deleted")

    def test_what_is_wrong_is_an_outcome_with_place_and_words(self):
        # The client's own models would not let this through.
        wrong = {**weighing(4, self.patient.id), "status": 7}
        with self.assertRaises(HTTPError) as refused:
            self.server.post_json("Observation", wrong)
        issues = self.outcome(refused.exception.response, 422).issue
        named = [issue for issue in issues if "Observation.status" in (issue.expression or [])]
        self.assertTrue(named, [issue.as_json() for issue in issues])
        self.assertTrue(named[0].details.text.isascii(), "the language that was asked for")
        with self.assertRaises(FHIRNotFoundException) as absent:
            Patient.read("no-such-id", self.server)
        self.outcome(absent.exception.response, 404, "not-found")
        with self.assertRaises(FHIRUnauthorizedException) as stranger:
            Patient.read(self.patient.id, signed_in("nobody").server)
        self.outcome(stranger.exception.response, 401, "login")


if __name__ == "__main__":
    unittest.main()
