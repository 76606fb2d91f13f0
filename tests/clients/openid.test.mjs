// The widely used OpenID client of npm (certified by the OpenID Foundation) against the authorization server: what it
// does by the standards, this server must answer.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as oidc from "openid-client";
import { decide } from "./browser.mjs";
import { fixtures, serve } from "./server.mjs";

const BACK = "http://127.0.0.1:9/back";
const SCOPE = "launch/patient patient/Observation.rs openid fhirUser offline_access";
const insecure = { execute: [oidc.allowInsecureRequests] };

describe("openid-client", () => {
  let server, patient, app;
  before(async () => {
    server = await serve({ people: true });
    patient = await server.citizen();
    server.client("app", "--name", "血圧手帳", "--redirect", BACK, "--scopes", SCOPE);
    app = await oidc.discovery(new URL(server.root), "app", undefined, oidc.None(), insecure);
  });
  after(() => server?.stop());

  /** An app's request and the person's word; gives what the app needs to go on. */
  async function allowed({ config = app, pushed = false, dpop, more = {} } = {}) {
    const verifier = oidc.randomPKCECodeVerifier();
    const [state, nonce] = [oidc.randomState(), oidc.randomNonce()];
    const asked = {
      redirect_uri: BACK,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      ...more,
    };
    const build = pushed ? oidc.buildAuthorizationUrlWithPAR : oidc.buildAuthorizationUrl;
    const url = await build(config, asked, dpop && { DPoP: dpop });
    const back = new URL(await decide(url, BACK));
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true };
    return { back, checks, tokens: () => oidc.authorizationCodeGrant(config, back, checks, undefined, dpop && { DPoP: dpop }) };
  }

  const observations = async (token, dpop) => {
    const url = new URL(`${server.base}/Observation?patient=${patient}`);
    return oidc.fetchProtectedResource(app, token, url, "GET", undefined, undefined, dpop && { DPoP: dpop });
  };

  test("a citizen's app signs in, reads, refreshes and signs out", async () => {
    const { tokens } = await allowed();
    const got = await tokens();
    assert.equal(got.patient, patient);
    assert.equal(got.claims().fhirUser, `${server.base}/Patient/${patient}`);
    assert.equal(got.claims().sub, "haru");
    const found = await (await observations(got.access_token)).json();
    assert.equal(found.total, 1);
    const next = await oidc.refreshTokenGrant(app, got.refresh_token);
    assert.notEqual(next.refresh_token, got.refresh_token);
    assert.equal((await observations(next.access_token)).status, 200);
    await oidc.tokenRevocation(app, next.refresh_token);
    await assert.rejects(observations(next.access_token), /401|WWW/i);
    await assert.rejects(oidc.refreshTokenGrant(app, next.refresh_token), { error: "invalid_grant" });
  });

  test("a pushed request and tokens bound to a key", async () => {
    const dpop = oidc.getDPoPHandle(app, await oidc.randomDPoPKeyPair("ES256"));
    const { tokens } = await allowed({ pushed: true, dpop });
    const got = await tokens();
    assert.equal(got.token_type, "dpop");
    assert.equal((await observations(got.access_token, dpop)).status, 200);
    // A thief has the token and a key of their own.
    const thief = oidc.getDPoPHandle(app, await oidc.randomDPoPKeyPair("ES256"));
    await assert.rejects(observations(got.access_token, thief));
    const bare = await fetch(`${server.base}/Observation?patient=${patient}`, { headers: { authorization: `Bearer ${got.access_token}` } });
    assert.equal(bare.status, 401);
    const next = await oidc.refreshTokenGrant(app, got.refresh_token, undefined, { DPoP: dpop });
    assert.equal((await observations(next.access_token, dpop)).status, 200);
    await assert.rejects(oidc.refreshTokenGrant(app, next.refresh_token));
  });

  test("a code is good once", async () => {
    const { tokens } = await allowed();
    const got = await tokens();
    await assert.rejects(tokens(), { error: "invalid_grant" });
    await assert.rejects(observations(got.access_token), "what came of it ends");
  });

  for (const [algorithm, generate] of Object.entries({
    ES384: { name: "ECDSA", namedCurve: "P-384" },
    ES256: { name: "ECDSA", namedCurve: "P-256" },
    RS384: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-384", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
  })) {
    test(`a system proves itself with ${algorithm} and writes with a bound token`, async () => {
      const pair = await crypto.subtle.generateKey(generate, true, ["sign", "verify"]);
      const jwk = { ...(await crypto.subtle.exportKey("jwk", pair.publicKey)), kid: algorithm, use: "sig" };
      delete jwk.key_ops;
      delete jwk.ext;
      const id = `system-${algorithm.toLowerCase()}`;
      const standing = ["--organization", "4911000017", "--role", "system", "--purpose", "RECORDMGT"];
      server.client(id, "--system", "--name", "病院の連携システム", "--keys", server.file(`${id}.json`, { keys: [jwk] }), ...standing, "--scopes", "system/*.cruds");
      const own = { key: pair.privateKey, kid: algorithm };
      const system = await oidc.discovery(new URL(server.root), id, undefined, oidc.PrivateKeyJwt(own), insecure);
      const dpop = oidc.getDPoPHandle(system, await oidc.randomDPoPKeyPair("ES256"));
      const got = await oidc.clientCredentialsGrant(system, { scope: "system/Observation.cr" }, { DPoP: dpop });
      assert.equal(got.scope, "system/Observation.cr");
      assert.equal(got.authorization_details[0].purpose, "RECORDMGT");
      const { observation } = fixtures();
      observation.subject.reference = `Patient/${patient}`;
      const headers = new Headers({ "content-type": "application/fhir+json" });
      const write = () => oidc.fetchProtectedResource(system, got.access_token, new URL(`${server.base}/Observation`), "POST", JSON.stringify(observation), headers, { DPoP: dpop });
      assert.equal((await write()).status, 201);
      const told = await oidc.tokenIntrospection(system, got.access_token);
      assert.equal(told.active, true);
      assert.equal(told.cnf.jkt.length, 43);
      await oidc.tokenRevocation(system, got.access_token);
      assert.equal((await oidc.tokenIntrospection(system, got.access_token)).active, false);
      await assert.rejects(write());
      const impostor = await crypto.subtle.generateKey(generate, true, ["sign", "verify"]);
      const other = await oidc.discovery(new URL(server.root), id, undefined, oidc.PrivateKeyJwt({ key: impostor.privateKey, kid: algorithm }), insecure);
      await assert.rejects(oidc.clientCredentialsGrant(other, {}), { error: "invalid_client" });
    });
  }
});
