// An app asks a citizen for her results: she reads what it asks, allows it, finds it on her page and ends it. Phone and desk,
// both languages, also without scripts.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { DESK, PHONE, newPage, sound } from "./browser.mjs";
import { run } from "./demo.mjs";
import { browser, main, town } from "./stage.mjs";

const BACK = "http://127.0.0.1:9/back";
const VERIFIER = "a-verifier-of-a-test-that-is-long-enough-for-pkce";
const app = ["--id", "blood-pressure", "--name", "血圧手帳", "--redirect", BACK, "--scopes", "launch/patient patient/Observation.rs openid offline_access"];
const added = run("client", "add", "--dir", join(town.folder, "data"), ...app);
assert.equal(added.status, 0, added.said);

/** Where the app sends the browser. */
function asked(more = {}) {
  const code_challenge = createHash("sha256").update(VERIFIER).digest("base64url");
  const query = { response_type: "code", client_id: "blood-pressure", redirect_uri: BACK, state: "s-1", code_challenge_method: "S256", code_challenge, ...more };
  return `${town.address}/oauth/authorize?${new URLSearchParams({ scope: "launch/patient patient/Observation.rs openid offline_access", ...query })}`;
}

for (const [size, viewport, lang, scripts] of [["phone", PHONE, "ja", true], ["desk", DESK, "en", true], ["phone-noscript", PHONE, "ja", false]]) {
  test(`she allows an app and ends it: ${size}, ${lang}`, async () => {
    const page = await newPage(browser, { viewport, javaScriptEnabled: scripts });
    const seen = scripts ? (name) => sound(page, `${name}-${size}-${lang}`) : async () => {};
    await page.route(`${BACK}*`, (route) => route.fulfill({ contentType: "text/html", body: "<title>app</title>" }));
    await page.goto(`${town.address}/settings?lang=${lang}&back=/`);
    await page.goto(asked());
    // Whoever is not signed in does that first, and comes back to what was asked.
    await page.locator('button[name=person][value="yamada-haru"]').click();
    await page.waitForLoadState();
    const words = await main(page);
    assert.ok(words.includes("血圧手帳") && words.includes("127.0.0.1"), words);
    assert.ok(words.includes(lang === "ja" ? "90日" : "90 days"), words);
    await seen("allow");
    await page.locator("button[name=decision][value=allow]").click();
    await page.waitForURL(`${BACK}*`);
    const back = new URL(page.url()).searchParams;
    assert.deepEqual([back.get("state"), back.get("iss")], ["s-1", town.address]);
    const form = { grant_type: "authorization_code", client_id: "blood-pressure", redirect_uri: BACK, code: back.get("code"), code_verifier: VERIFIER };
    const answer = await fetch(`${town.address}/oauth/token`, { method: "POST", body: new URLSearchParams(form) });
    const tokens = await answer.json();
    assert.equal(answer.status, 200, JSON.stringify(tokens));
    const read = () => fetch(`${town.address}/fhir/R4/Observation?patient=${tokens.patient}`, { headers: { authorization: `Bearer ${tokens.access_token}` } });
    assert.equal((await read()).status, 200);
    await page.goto(`${town.address}/me/sharing`);
    await page.locator("main a[href='/apps']").click();
    await page.waitForLoadState();
    assert.ok((await main(page)).includes("血圧手帳"));
    await seen("apps");
    await page.locator("main form[action='/apps/end'] button").click();
    await page.waitForLoadState();
    assert.ok(!(await main(page)).includes("Observation"), await main(page));
    await seen("apps-ended");
    assert.equal((await read()).status, 401, "at once");
    await page.context().close();
  });
}

test("she does not allow it, and the app is told so", async () => {
  const page = await newPage(browser);
  await page.route(`${BACK}*`, (route) => route.fulfill({ contentType: "text/html", body: "<title>app</title>" }));
  await page.goto(asked());
  await page.locator('button[name=person][value="yamada-haru"]').click();
  await page.waitForLoadState();
  await page.locator("button[name=decision][value=refuse]").click();
  await page.waitForURL(`${BACK}*`);
  assert.equal(new URL(page.url()).searchParams.get("error"), "access_denied");
  await page.context().close();
});

test("a request that would send her elsewhere is told on our own page", async () => {
  const page = await newPage(browser);
  await page.goto(asked({ redirect_uri: "https://evil.example/back" }));
  assert.ok(page.url().startsWith(town.address), page.url());
  await sound(page, "allow-not-taken");
  await page.context().close();
});
