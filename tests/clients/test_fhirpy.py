"""fhirpy (PyPI) against the server, its synchronous and its asynchronous client."""

import json
import unittest

from fhirpy import AsyncFHIRClient, SyncFHIRClient
from fhirpy.base.exceptions import (
    AuthorizationError,
    MultipleResourcesFound,
    OperationOutcome,
    ResourceNotFound,
)

from shared import BASE, MEMBER, TOKEN, fixtures, person, weighing

AUTHORIZATION = f"Bearer {TOKEN}"
JSON_PATCH = {"Content-Type": "application/json-patch+json"}


def client(**headers):
    """A client; fhirpy takes headers for all its requests, so a header of one request is a client of its own."""
    return SyncFHIRClient(BASE, AUTHORIZATION, {"Accept-Language": "en", **headers})


class Fhirpy(unittest.TestCase):
    """Every interaction that a program of today makes with it."""

    @classmethod
    def setUpClass(cls):
        cls.client = client()
        cls.patient = cls.client.resource("Patient", **person("39490016::00880301:"))
        cls.patient.save()

    def weigh(self, number):
        resource = self.client.resource("Observation", **weighing(number, self.patient.id))
        return resource.save()

    def outcome(self, error, code=None):
        resource = error.resource if hasattr(error, "resource") else json.loads(str(error))
        self.assertEqual(resource["resourceType"], "OperationOutcome")
        if code:
            self.assertEqual(resource["issue"][0]["code"], code)
        return resource

    def test_what_was_created_is_read_back(self):
        self.assertEqual(self.patient.meta.versionId, "1")
        read = self.client.reference("Patient", self.patient.id).to_resource()
        self.assertEqual(read.serialize(), self.patient.serialize())
        self.assertEqual(read.name[0].family, "試験")
        weight = self.weigh(0)
        self.assertEqual(weight.subject.to_resource().id, self.patient.id)
        # Reads again with If-None-Match and its version.
        weight.refresh()
        self.assertEqual(weight.get_by_path(["valueQuantity", "value"]), 52.5)

    def test_a_search_is_paged_to_its_end(self):
        someone = self.client.resource("Patient", **person("39490016::00880302:")).save()
        sent = [
            self.client.resource("Observation", **weighing(number, someone.id)).save().id for number in range(7)
        ]
        found = self.client.resources("Observation").search(patient=someone.id).sort("-date")
        self.assertEqual([resource.id for resource in found.limit(3).fetch_all()], sent[::-1])
        self.assertEqual([resource.id for resource in found.limit(3).fetch()], sent[:3:-1])
        self.assertEqual(found.first().id, sent[-1])
        later = found.search(date__ge="2026-11-06", code="http://loinc.org|29463-7")
        self.assertEqual([resource.id for resource in later], sent[:4:-1])
        self.assertEqual(found.limit(3).fetch_raw().total, 7)

    def test_an_update_goes_through_only_on_the_version_that_it_names(self):
        weight = self.weigh(1)
        changed = {**weight.serialize(), "status": "amended"}
        guarded = client(**{"If-Match": 'W/"1"'})
        updated = guarded.resource(**{"resource_type": "Observation", **changed}).save()
        self.assertEqual((updated.meta.versionId, updated.status), ("2", "amended"))
        # fhirpy names every 412 so; the words are the server's.
        with self.assertRaises(MultipleResourcesFound) as refused:
            guarded.resource(**{"resource_type": "Observation", **changed}).save()
        self.outcome(refused.exception, "conflict")
        weight.refresh()
        self.assertEqual(weight.meta.versionId, "2")

    def test_a_json_patch_changes_what_it_names_and_nothing_else(self):
        weight = self.weigh(2)
        before = weight.serialize()
        operations = [
            {"op": "test", "path": "/status", "value": "final"},
            {"op": "replace", "path": "/status", "value": "corrected"},
            {"op": "add", "path": "/code/coding/-", "value": {"system": "http://snomed.info/sct", "code": "27113001"}},
        ]
        patching = client(**JSON_PATCH)
        patched = patching.execute(f"Observation/{weight.id}", method="patch", data=operations)
        self.assertEqual(patched["meta"]["versionId"], "2")
        weight.refresh()
        after = weight.serialize()
        self.assertEqual(after.pop("meta")["versionId"], "2")
        before.pop("meta")
        before["status"] = "corrected"
        before["code"]["coding"].append(operations[2]["value"])
        self.assertEqual(after, before)
        # The first operation does not hold any more: nothing is changed.
        with self.assertRaises(OperationOutcome) as refused:
            patching.execute(f"Observation/{weight.id}", method="patch", data=operations)
        self.outcome(refused.exception)
        weight.refresh()
        self.assertEqual(weight.meta.versionId, "2")

    def test_a_transaction_writes_all_with_its_own_references(self):
        bundle = fixtures()["transaction"]
        bundle["entry"][0]["resource"]["identifier"][0]["value"] = "39490016::00880303:"
        answer = self.client.resource(bundle.pop("resourceType"), **bundle)
        answer = self.client.execute("", data=answer.serialize())
        self.assertEqual(answer["type"], "transaction-response")
        self.assertEqual([entry["response"]["status"][:3] for entry in answer["entry"]], ["201"] * 3)
        ids = [entry["response"]["location"].split("/")[1] for entry in answer["entry"]]
        pulse = self.client.reference("Observation", ids[2]).to_resource()
        self.assertEqual(pulse.subject.reference, f"Patient/{ids[0]}")
        self.assertEqual(pulse.encounter.reference, f"Encounter/{ids[1]}")
        found = self.client.resources("Patient").search(identifier=f"{MEMBER}|39490016::00880303:").get()
        self.assertEqual(found.id, ids[0])

    def test_history_has_every_version(self):
        weight = self.weigh(3)
        weight["status"] = "amended"
        weight.save()
        history = weight.execute("_history", method="get")
        self.assertEqual(history["type"], "history")
        self.assertEqual([entry["resource"]["status"] for entry in history["entry"]], ["amended", "final"])
        first = self.client.execute(f"Observation/{weight.id}/_history/1", method="get")
        self.assertEqual(first["status"], "final")
        weight.delete()
        with self.assertRaises(ResourceNotFound) as gone:
            weight.refresh()
        self.outcome(gone.exception, "deleted")

    def test_what_is_wrong_is_an_outcome_with_place_and_words(self):
        wrong = {**weighing(4, self.patient.id), "status": 7}
        with self.assertRaises(OperationOutcome) as refused:
            self.client.resource(wrong.pop("resourceType"), **wrong).save()
        issues = self.outcome(refused.exception)["issue"]
        named = [issue for issue in issues if "Observation.status" in issue.get("expression", [])]
        self.assertTrue(named, issues)
        self.assertTrue(named[0]["details"]["text"].isascii(), "the language that was asked for")
        with self.assertRaises(ResourceNotFound) as absent:
            self.client.reference("Patient", "no-such-id").to_resource()
        self.outcome(absent.exception, "not-found")
        with self.assertRaises(AuthorizationError) as stranger:
            SyncFHIRClient(BASE, "Bearer nobody").reference("Patient", self.patient.id).to_resource()
        self.outcome(stranger.exception, "login")


class AsyncFhirpy(unittest.IsolatedAsyncioTestCase):
    """The asynchronous client sends its bodies and reads its pages by other code."""

    async def test_create_search_page_update_and_patch(self):
        speaking = AsyncFHIRClient(BASE, AUTHORIZATION)
        someone = speaking.resource("Patient", **person("39490016::00880304:"))
        await someone.save()
        sent = []
        for number in range(5):
            weight = speaking.resource("Observation", **weighing(number, someone.id))
            await weight.save()
            sent.append(weight.id)
        found = speaking.resources("Observation").search(patient=someone.id).sort("date").limit(2)
        self.assertEqual([resource.id async for resource in found], sent)
        weight["status"] = "amended"
        await weight.save()
        self.assertEqual(weight.meta.versionId, "2")
        patching = AsyncFHIRClient(BASE, AUTHORIZATION, JSON_PATCH)
        operations = [{"op": "replace", "path": "/status", "value": "final"}]
        patched = await patching.execute(f"Observation/{weight.id}", method="patch", data=operations)
        self.assertEqual((patched["meta"]["versionId"], patched["status"]), ("3", "final"))


if __name__ == "__main__":
    unittest.main()
