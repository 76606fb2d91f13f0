"""What the Python clients' tests share: the address, the token, and what is sent."""

import json
import os
import pathlib

BASE = os.environ["TSUMUGI_BASE"]
TOKEN = os.environ["TSUMUGI_TOKEN"]
MEMBER = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID"


def fixtures():
    """What every client sends: a fresh copy each time."""
    text = (pathlib.Path(__file__).parent / "fixtures.json").read_text(encoding="utf-8")
    return json.loads(text)


def person(number):
    """A patient of their own insured number."""
    patient = fixtures()["patient"]
    patient["identifier"][0]["value"] = number
    return patient


def weighing(number, patient):
    """The n-th weighing of a person, one a day."""
    sent = fixtures()
    observation = sent["observation"]
    observation["subject"]["reference"] = f"Patient/{patient}"
    observation["effectiveDateTime"] = f"2026-11-{number + 1:02}T09:00:00+09:00"
    observation["valueQuantity"]["value"] = sent["weights"][number]
    return observation
