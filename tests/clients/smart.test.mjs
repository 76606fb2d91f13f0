// The SMART client of npm (fhirclient) as an app of a citizen: standalone launch, PKCE, reading, refreshing.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import smart from "fhirclient";
import { decide } from "./browser.mjs";
import { serve, weighing } from "./server.mjs";

const BACK = "http://127.0.0.1:9/app";
const SCOPE = "launch/patient patient/Observation.rs patient/Patient.r openid fhirUser offline_access";

describe("SMART fhirclient", () => {
  let server, patient;
  before(async () => {
    server = await serve({ people: true });
    patient = await server.citizen();
    server.client("smart", "--name", "からだ手帳", "--redirect", BACK, "--scopes", SCOPE);
  });
  after(() => server?.stop());

  /** What the client needs of a server of pages: a request, an answer that keeps where it was sent, and a storage. */
  function page(url, storage) {
    const answer = { location: undefined, writeHead: (_, headers) => void (answer.location = headers.location), end: () => {} };
    const { host, pathname, search } = new URL(url);
    return { api: smart({ headers: { host }, url: pathname + search, socket: {} }, answer, storage), answer };
  }

  function memory() {
    const kept = {};
    return { get: async (key) => kept[key], set: async (key, value) => (kept[key] = value), unset: async (key) => delete kept[key] };
  }

  test("launches, reads as the person allowed, and nothing more", async () => {
    const storage = memory();
    const launch = page(`${BACK}/launch`, storage);
    await launch.api.authorize({ clientId: "smart", scope: SCOPE, iss: server.base, redirectUri: BACK, pkceMode: "required" });
    assert.match(launch.answer.location, /code_challenge_method=S256/);
    const back = await decide(launch.answer.location, BACK);
    const client = await page(back, storage).api.ready();
    assert.equal(client.patient.id, patient);
    assert.equal((await client.patient.read()).id, patient);
    assert.equal(client.user.resourceType, "Patient");
    const found = await client.request(`Observation?patient=${patient}`);
    assert.equal(found.total, 1);
    await assert.rejects(client.request(`Condition/no-such-id`), /404|not found/i);
    await assert.rejects(client.create(weighing(1, patient)), /403|401/);
    const before = client.state.tokenResponse.access_token;
    await client.refresh();
    assert.notEqual(client.state.tokenResponse.access_token, before);
    assert.equal((await client.request(`Observation?patient=${patient}`)).total, 1);
  });

  test("is told when the person does not allow it", async () => {
    const storage = memory();
    const launch = page(`${BACK}/launch`, storage);
    await launch.api.authorize({ clientId: "smart", scope: SCOPE, iss: server.base, redirectUri: BACK, pkceMode: "required" });
    const back = await decide(launch.answer.location, BACK, "refuse");
    await assert.rejects(page(back, storage).api.ready(), /did not allow/);
  });
});
