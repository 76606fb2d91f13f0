// fhir-kit-client (npm) against the server.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { CapabilityTool, Client } from "fhir-kit-client";
import { fixtures, serve, weighing } from "./server.mjs";

describe("fhir-kit-client", () => {
  let server, client, patient;
  const status = (answer) => Client.httpFor(answer).response.status;
  const header = (answer, name) => Client.httpFor(answer).response.headers.get(name);
  const weigh = (number) => client.create({ resourceType: "Observation", body: weighing(number, patient.id) });

  before(async () => {
    server = await serve();
    client = new Client({ baseUrl: server.base, bearerToken: server.token, customHeaders: { "accept-language": "en" } });
    patient = await client.create({ resourceType: "Patient", body: fixtures().patient });
  });
  after(() => server.stop());

  test("the statement says what it can do", async () => {
    const statement = await client.capabilityStatement();
    const can = new CapabilityTool(statement);
    for (const interaction of ["read", "vread", "create", "update", "patch", "delete", "search-type", "history-instance"]) {
      assert.ok(can.resourceCan("Observation", interaction), interaction);
    }
    assert.ok(can.resourceSearch("Observation", "code"));
    assert.ok(can.serverCan("transaction"));
  });

  test("what was created is read back", async () => {
    assert.equal(status(patient), 201);
    assert.match(header(patient, "location"), new RegExp(`/Patient/${patient.id}/_history/1$`));
    const read = await client.read({ resourceType: "Patient", id: patient.id });
    assert.deepEqual(read.name, fixtures().patient.name);
    assert.equal(read.meta.versionId, "1");
    assert.equal(header(read, "etag"), 'W/"1"');
    const version = await client.vread({ resourceType: "Patient", id: patient.id, version: "1" });
    assert.deepEqual(version, read);
    const weight = await weigh(0);
    const resolved = await client.resolve({ reference: weight.subject.reference });
    assert.equal(resolved.id, patient.id);
  });

  test("a search is paged to its end, each fact once", async () => {
    const person = await client.create({ resourceType: "Patient", body: other("39490016::00880101:") });
    const sent = [];
    for (let number = 0; number < 7; number += 1) {
      sent.push((await client.create({ resourceType: "Observation", body: weighing(number, person.id) })).id);
    }
    const asked = { patient: person.id, code: "http://loinc.org|29463-7", _sort: "-date", _count: 3 };
    let page = await client.search({ resourceType: "Observation", searchParams: asked });
    assert.equal(page.type, "searchset");
    assert.equal(page.total, 7);
    const found = [], sizes = [];
    for (; page; page = await client.nextPage({ bundle: page })) {
      sizes.push(page.entry.length);
      found.push(...page.entry.map((entry) => entry.resource.id));
    }
    assert.deepEqual(sizes, [3, 3, 1]);
    assert.deepEqual(found, sent.toReversed());
    const posted = await client.search({ resourceType: "Observation", searchParams: asked, options: { postSearch: true } });
    assert.deepEqual(posted.entry.map((entry) => entry.resource.id), found.slice(0, 3));
  });

  test("an update goes through only on the version that it names", async () => {
    const weight = await weigh(1);
    const changed = { ...weight, status: "amended" };
    const put = (version) => client.update({
      resourceType: "Observation", id: weight.id, body: changed, options: { headers: { "If-Match": `W/"${version}"` } },
    });
    const updated = await put(1);
    assert.equal(status(updated), 200);
    assert.equal(updated.meta.versionId, "2");
    assert.equal(updated.status, "amended");
    await assert.rejects(put(1), (error) => error.response.status === 412 && isOutcome(error.response.data, "conflict"));
    const read = await client.read({ resourceType: "Observation", id: weight.id });
    assert.equal(read.meta.versionId, "2");
  });

  test("a JSON Patch changes what it names and nothing else", async () => {
    const weight = await weigh(2);
    const jsonPatch = [
      { op: "test", path: "/status", value: "final" },
      { op: "replace", path: "/status", value: "corrected" },
      { op: "add", path: "/note", value: [{ text: "着衣のまま" }] },
    ];
    const patched = await client.patch({ resourceType: "Observation", id: weight.id, jsonPatch });
    assert.equal(status(patched), 200);
    const { meta, ...rest } = await client.read({ resourceType: "Observation", id: weight.id });
    assert.equal(meta.versionId, "2");
    const { meta: _, ...before } = weight;
    assert.deepEqual(rest, { ...before, status: "corrected", note: [{ text: "着衣のまま" }] });
    // The test fails now: nothing is changed.
    await assert.rejects(
      client.patch({ resourceType: "Observation", id: weight.id, jsonPatch }),
      (error) => [409, 422].includes(error.response.status) && isOutcome(error.response.data),
    );
    const options = { headers: { "If-Match": 'W/"1"' } };
    await assert.rejects(
      client.patch({ resourceType: "Observation", id: weight.id, jsonPatch: jsonPatch.slice(1), options }),
      (error) => error.response.status === 412,
    );
    assert.equal((await client.read({ resourceType: "Observation", id: weight.id })).meta.versionId, "2");
  });

  test("a transaction writes all, with its own references", async () => {
    const answer = await client.transaction({ body: fixtures().transaction });
    assert.equal(answer.type, "transaction-response");
    const ids = answer.entry.map((entry) => {
      assert.match(entry.response.status, /^201/);
      return entry.response.location.split("/")[1];
    });
    const pulse = await client.read({ resourceType: "Observation", id: ids[2] });
    assert.equal(pulse.subject.reference, `Patient/${ids[0]}`);
    assert.equal(pulse.encounter.reference, `Encounter/${ids[1]}`);
    const visits = await client.search({ resourceType: "Encounter", searchParams: { patient: ids[0] } });
    assert.deepEqual(visits.entry.map((entry) => entry.resource.id), [ids[1]]);
  });

  test("one wrong entry, and nothing of a transaction is written", async () => {
    const body = fixtures().transaction;
    body.entry[0].resource.identifier[0].value = "39490016::00880102:";
    body.entry[2].resource.valueQuantity = "72";
    await assert.rejects(
      client.transaction({ body }),
      (error) => [400, 422].includes(error.response.status) && isOutcome(error.response.data),
    );
    const identifier = "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID|39490016::00880102:";
    const found = await client.search({ resourceType: "Patient", searchParams: { identifier } }).then(
      (bundle) => bundle.total,
      (error) => error.response.status,
    );
    assert.ok(found === 0 || found === 404, `found: ${found}`);
  });

  test("a batch answers each entry on its own", async () => {
    const entry = (url) => ({ request: { method: "GET", url } });
    const body = { resourceType: "Bundle", type: "batch", entry: [entry(`Patient/${patient.id}`), entry("Patient/no-such-id")] };
    const answer = await client.batch({ body });
    assert.equal(answer.type, "batch-response");
    assert.match(answer.entry[0].response.status, /^200/);
    assert.equal(answer.entry[0].resource.id, patient.id);
    assert.match(answer.entry[1].response.status, /^404/);
    assert.ok(isOutcome(answer.entry[1].response.outcome, "not-found"));
  });

  test("history has every version, newest first, and deletion", async () => {
    const weight = await weigh(3);
    await client.update({ resourceType: "Observation", id: weight.id, body: { ...weight, status: "amended" } });
    await client.delete({ resourceType: "Observation", id: weight.id });
    const history = await client.history({ resourceType: "Observation", id: weight.id });
    assert.equal(history.type, "history");
    assert.deepEqual(history.entry.map((entry) => entry.request.method), ["DELETE", "PUT", "POST"]);
    assert.deepEqual(history.entry.map((entry) => entry.resource?.status), [undefined, "amended", "final"]);
    await assert.rejects(
      client.read({ resourceType: "Observation", id: weight.id }),
      (error) => error.response.status === 410 && isOutcome(error.response.data, "deleted"),
    );
  });

  test("what is wrong is an OperationOutcome with place and words", async () => {
    const body = { ...weighing(4, patient.id), status: 7 };
    await assert.rejects(client.create({ resourceType: "Observation", body }), ({ response }) => {
      assert.equal(response.status, 422);
      assert.ok(isOutcome(response.data));
      const issue = response.data.issue.find((issue) => issue.expression?.includes("Observation.status"));
      assert.ok(issue, JSON.stringify(response.data));
      assert.match(issue.details.text, /^[\x20-\x7e]+$/, "the language that was asked for");
      return true;
    });
    await assert.rejects(
      client.read({ resourceType: "Patient", id: "no-such-id" }),
      (error) => error.response.status === 404 && isOutcome(error.response.data, "not-found"),
    );
    const stranger = new Client({ baseUrl: server.base, bearerToken: "nobody" });
    await assert.rejects(
      stranger.read({ resourceType: "Patient", id: patient.id }),
      (error) => error.response.status === 401 && isOutcome(error.response.data, "login"),
    );
  });
});

function other(number) {
  const { patient } = fixtures();
  patient.identifier[0].value = number;
  return patient;
}

function isOutcome(data, code) {
  assert.equal(data.resourceType, "OperationOutcome");
  assert.ok(data.issue.length > 0);
  if (code) assert.equal(data.issue[0].code, code);
  return true;
}
