// @medplum/core (npm) against the server. The package is meant for Node.js 22, where WebSocket is global, and names it when
// it is loaded; on Node.js 20 a class of that name is enough, because nothing here opens one.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { fixtures, serve, weighing } from "./server.mjs";

globalThis.WebSocket ??= class WebSocket extends EventTarget {};
const { MedplumClient, OperationOutcomeError } = await import("@medplum/core");

describe("@medplum/core", () => {
  let server, client, patient;
  const weigh = (number) => client.createResource(weighing(number, patient.id));
  const fresh = { cache: "reload" };

  before(async () => {
    server = await serve();
    client = new MedplumClient({ baseUrl: server.root, accessToken: server.token, defaultHeaders: { "Accept-Language": "en" } });
    patient = await client.createResource(fixtures().patient);
  });
  after(() => server.stop());

  test("what was created is read back", async () => {
    assert.equal(patient.meta.versionId, "1");
    const read = await client.readResource("Patient", patient.id, fresh);
    assert.deepEqual(read, patient);
    assert.deepEqual(read.name, fixtures().patient.name);
    const weight = await weigh(0);
    assert.equal((await client.readReference(weight.subject)).id, patient.id);
    assert.deepEqual(await client.readVersion("Observation", weight.id, "1"), weight);
  });

  test("a search is paged to its end, each fact once", async () => {
    const someone = fixtures().patient;
    someone.identifier[0].value = "39490016::00880201:";
    const person = await client.createResource(someone);
    const sent = [];
    for (let number = 0; number < 7; number += 1) sent.push((await client.createResource(weighing(number, person.id))).id);
    const asked = { patient: `Patient/${person.id}`, code: "29463-7", _sort: "date", _count: "2" };
    const pages = [];
    for await (const page of client.searchResourcePages("Observation", asked, fresh)) pages.push(page.map(({ id }) => id));
    assert.deepEqual(pages.map((page) => page.length), [2, 2, 2, 1]);
    assert.deepEqual(pages.flat(), sent);
    const found = await client.searchResources("Observation", { patient: person.id, date: "gt2026-11-05" }, fresh);
    assert.deepEqual(found.map(({ id }) => id).toSorted(), sent.slice(5).toSorted());
    const one = await client.searchOne("Observation", { patient: person.id, date: "2026-11-03" }, fresh);
    assert.equal(one.id, sent[2]);
  });

  test("an update goes through only on the version that it names", async () => {
    const weight = await weigh(1);
    const put = (version) =>
      client.updateResource({ ...weight, status: "amended" }, { headers: { "If-Match": `W/"${version}"` } });
    const updated = await put(1);
    assert.equal(updated.meta.versionId, "2");
    await assert.rejects(put(1), (error) => isOutcome(error, "conflict"));
    assert.equal((await client.readResource("Observation", weight.id, fresh)).meta.versionId, "2");
  });

  test("a JSON Patch changes what it names and nothing else", async () => {
    const weight = await weigh(2);
    const patched = await client.patchResource("Observation", weight.id, [
      { op: "test", path: "/meta/versionId", value: "1" },
      { op: "replace", path: "/valueQuantity/value", value: 51.75 },
    ]);
    assert.equal(patched.meta.versionId, "2");
    assert.equal(patched.valueQuantity.value, 51.75);
    const { meta, ...rest } = await client.readResource("Observation", weight.id, fresh);
    const { meta: _, ...before } = weight;
    assert.deepEqual(rest, { ...before, valueQuantity: { ...before.valueQuantity, value: 51.75 } });
    assert.equal(meta.versionId, "2");
    await assert.rejects(
      client.patchResource("Observation", weight.id, [{ op: "remove", path: "/component/0" }]),
      (error) => isOutcome(error),
    );
    assert.equal((await client.readResource("Observation", weight.id, fresh)).meta.versionId, "2");
  });

  test("a transaction writes all, with its own references", async () => {
    const answer = await client.executeBatch(fixtures().transaction);
    assert.equal(answer.type, "transaction-response");
    assert.deepEqual(answer.entry.map(({ response }) => response.status.slice(0, 3)), ["201", "201", "201"]);
    const ids = answer.entry.map(({ response }) => response.location.split("/")[1]);
    const pulse = await client.readResource("Observation", ids[2]);
    assert.equal(pulse.subject.reference, `Patient/${ids[0]}`);
    assert.equal(pulse.encounter.reference, `Encounter/${ids[1]}`);
  });

  test("what it asks at once is answered as a batch", async () => {
    const weights = [await weigh(3), await weigh(4)];
    const batching = new MedplumClient({ baseUrl: server.root, accessToken: server.token, autoBatchTime: 20 });
    const read = await Promise.all(weights.map(({ id }) => batching.readResource("Observation", id)));
    assert.deepEqual(read, weights);
  });

  test("history has every version, newest first, and deletion", async () => {
    const weight = await weigh(5);
    await client.updateResource({ ...weight, status: "amended" });
    await client.deleteResource("Observation", weight.id);
    const history = await client.readHistory("Observation", weight.id, undefined, fresh);
    assert.equal(history.type, "history");
    assert.deepEqual(history.entry.map((entry) => entry.resource?.status), [undefined, "amended", "final"]);
    await assert.rejects(client.readResource("Observation", weight.id, fresh), (error) => isOutcome(error, "deleted"));
  });

  test("what is wrong is an OperationOutcome with place and words", async () => {
    const wrong = { ...weighing(6, patient.id), status: 7 };
    await assert.rejects(client.createResource(wrong), (error) => {
      isOutcome(error);
      const issue = error.outcome.issue.find((issue) => issue.expression?.includes("Observation.status"));
      assert.ok(issue, JSON.stringify(error.outcome));
      assert.match(issue.details.text, /^[\x20-\x7e]+$/, "the language that was asked for");
      return true;
    });
    await assert.rejects(client.readResource("Patient", "no-such-id"), (error) => isOutcome(error, "not-found"));
    const stranger = new MedplumClient({ baseUrl: server.root, accessToken: "nobody" });
    await assert.rejects(stranger.readResource("Patient", patient.id), (error) => isOutcome(error));
  });
});

function isOutcome(error, code) {
  assert.ok(error instanceof OperationOutcomeError, String(error));
  assert.equal(error.outcome.resourceType, "OperationOutcome");
  if (code) assert.equal(error.outcome.issue[0].code, code);
  return true;
}
