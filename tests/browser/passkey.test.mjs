// Signing in outside a development folder, with Chromium's virtual authenticator: a clerk with a second factor hands a citizen a
// code, she makes a passkey, signs out and in; what was stolen or copied is refused. Phone first, three languages.
import assert from "node:assert/strict";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createWeb } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DESK, PHONE, launch, newPage, sound } from "./browser.mjs";
import { binary, run } from "./demo.mjs";

const folder = mkdtempSync(join(tmpdir(), "tsumugi-passkey-"));
const data = join(folder, "data");
let server, browser, address, clerkCode, provider;

/** A port that is free now: passkeys are bound to the address, so the server must be told its own beforehand. */
const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** A small OpenID provider: whoever comes has shown the card with `serial`. */
async function openIdProvider() {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ours = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" });
  const codes = new Map();
  const self = { serial: "A-1" };
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const web = createWeb(async (request, response) => {
    const url = new URL(request.url, self.issuer);
    let body = "";
    for await (const piece of request) body += piece;
    const json = (value) => response.setHeader("content-type", "application/json").end(JSON.stringify(value));
    if (url.pathname === "/authorize") {
      const code = `code-${codes.size}`;
      codes.set(code, { nonce: url.searchParams.get("nonce"), serial: self.serial });
      const back = new URL(url.searchParams.get("redirect_uri"));
      back.search = new URLSearchParams({ code, state: url.searchParams.get("state") });
      response.writeHead(302, { location: back.href }).end();
    } else if (url.pathname === "/keys") {
      json({ keys: [{ ...publicKey.export({ format: "jwk" }), kid: "p1" }] });
    } else {
      const { nonce, serial } = codes.get(new URLSearchParams(body).get("code"));
      const now = Math.floor(Date.now() / 1000);
      const claims = { iss: self.issuer, aud: "tsumugi", sub: "s", iat: now, exp: now + 300, nonce, serial };
      const signed = `${part({ alg: "ES256", kid: "p1" })}.${part(claims)}`;
      const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
      json({ access_token: "x", token_type: "Bearer", id_token: `${signed}.${signature}` });
    }
  });
  await new Promise((resolve) => web.listen(0, "127.0.0.1", resolve));
  const { port } = web.address();
  self.issuer = `http://localhost:${port}`;
  self.stop = () => web.close();
  self.described = {
    issuer: self.issuer,
    client_id: "tsumugi",
    key: { ...ours, kid: "o1" },
    authorization_endpoint: `${self.issuer}/authorize`,
    token_endpoint: `${self.issuer}/token`,
    token_address: `http://127.0.0.1:${port}/token`,
    keys_address: `http://127.0.0.1:${port}/keys`,
    claim: "serial",
    name_ja: "マイナンバーカード",
    name_en: "My Number card",
  };
  return self;
}

/** What an authenticator app shows. */
function number(secret, steps = 0) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const mac = createHmac("sha1", key).update(step).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** A browser of its own with an authenticator in it. */
async function device(options = {}) {
  const page = await newPage(browser, options);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("WebAuthn.enable");
  const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { page, cdp, authenticatorId };
}

const path = (page) => new URL(page.url()).pathname;
const send = (page, name) => page.getByRole("button", { name, exact: true }).click();

async function comeInWithCode(page, code) {
  await page.goto(`${address}/sign-in/code`);
  await page.locator("#code").fill(code);
  await send(page, "入る");
  await page.waitForURL(/\/ways/);
}

async function makeKey(page, name) {
  await page.locator("#name").fill(name);
  await send(page, "パスキーを作る");
  await page.waitForURL(/done=made/);
}

async function signIn(page) {
  await page.goto(`${address}/sign-in`);
  await send(page, "パスキーで入る");
}

before(async () => {
  assert.equal(run("init", "--dir", data, "--log", "record.example/log").status, 0);
  const file = join(folder, "patient.json");
  const identifier = [{ system: "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID", value: "39131234::00420078:" }];
  const patient = { resourceType: "Patient", identifier, name: [{ text: "山田 ハル" }], gender: "female", birthDate: "1948-03-05" };
  writeFileSync(file, JSON.stringify(patient));
  const taken = run("import", "--dir", data, "--organization", "1311000014", file);
  assert.equal(taken.status, 0, taken.said);
  const who = ["--person", "oka", "--name", "岡 市子", "--role", "municipality"];
  const where = ["--organization", "minato-city", "--organization-name", "みなと市", "--kind", "municipality"];
  const invited = run("people", "invite", "--dir", data, ...who, ...where);
  clerkCode = /code for oka: ([\d ]+)\n/.exec(invited.said)?.[1];
  assert.ok(clerkCode, invited.said);
  provider = await openIdProvider();
  writeFileSync(join(data, "provider.json"), JSON.stringify(provider.described));
  const port = await freePort();
  address = `http://localhost:${port}`;
  server = spawn(binary, ["serve", "--dir", data, "--port", String(port), "--address", address], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    server.stdout.on("data", (part) => String(part).includes("log key") && resolve());
    server.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  browser = await launch();
});

after(async () => {
  await browser?.close();
  provider?.stop();
  if (server?.exitCode === null) await new Promise((resolve) => (server.once("exit", resolve), server.kill("SIGTERM")));
  rmSync(folder, { recursive: true, force: true });
});

/** The clerk, signed in for work; the number of the last step that was used. */
async function clerk() {
  const { page } = await device({ viewport: DESK });
  await comeInWithCode(page, clerkCode);
  await makeKey(page, "窓口のパソコン");
  const secret = await page.locator("span.kept").innerText();
  await sound(page, "ways-second-offer");
  await page.locator("#number").fill(number(secret));
  await send(page, "設定する");
  await page.waitForURL(/done=second/);
  // A code and a number are no passkey: nothing of work is offered yet.
  await page.goto(`${address}/sign-in/as`);
  assert.equal(await page.getByRole("button", { name: /これで続ける/ }).count(), 0);
  await send(page, "おわる");
  await signIn(page);
  await page.waitForURL(/\/sign-in\/as/);
  assert.equal(await page.getByRole("button", { name: /これで続ける/ }).count(), 0, "the second factor comes first");
  await sound(page, "sign-in-second");
  await page.locator("#number").fill("000000");
  await send(page, "確かめる");
  assert.match(await page.locator("main").innerText(), /6けたの番号が違います/);
  await sound(page, "sign-in-second-wrong");
  await page.locator("#number").fill(number(secret, 1));
  await send(page, "確かめる");
  await page.waitForLoadState();
  await sound(page, "sign-in-as");
  await page.locator("button[value$='municipality RECORDMGT']").click();
  await page.waitForURL(`${address}/`);
  return page;
}

async function handOut(page, { lost = false, birth = "1948-03-05" } = {}) {
  await page.goto(`${address}/desk/codes`);
  await page.locator("#number").fill("39131234::00420078:");
  await page.locator("#birth").fill(birth);
  await page.locator("label[for=identity]").click();
  if (lost) await page.locator("label[for=lost-yes]").click();
  await send(page, "番号を作る");
  await page.waitForLoadState();
}

test("a citizen comes in with a desk's paper, makes a passkey, and what is stolen or copied is refused", async () => {
  const office = await clerk();
  assert.match(await office.locator("main").innerText(), /サインインの番号を渡す/);
  await office.goto(`${address}/desk/codes`);
  await sound(office, "desk-codes");
  await send(office, "番号を作る");
  assert.match(await office.locator("main").innerText(), /生年月日を、1948-03-05のように/);
  await sound(office, "desk-codes-faults");
  await handOut(office, { birth: "1948-03-06" });
  assert.match(await office.locator("main").innerText(), /お見せできません/);
  await handOut(office);
  const code = await office.locator("p.number").innerText();
  assert.match(code, /^(\d{5} ){3}\d{5}$/);
  await sound(office, "desk-codes-paper");

  // The field for the code needs no script; a wrong digit is told.
  const plain = await newPage(browser, { viewport: PHONE, javaScriptEnabled: false });
  await plain.goto(`${address}/sign-in/code`);
  await plain.locator("#code").fill(code.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10)));
  await send(plain, "入る");
  assert.match(await plain.locator("main").innerText(), /番号のどこかが違っています/);
  await plain.goto(`${address}/sign-in`);
  await send(plain, "パスキーで入る");
  assert.match(await plain.locator("main").innerText(), /JavaScript/);
  await plain.context().close();

  const { page, cdp, authenticatorId } = await device();
  for (const lang of ["ja", "ja-easy", "en"]) {
    await page.goto(`${address}/settings?lang=${lang}&back=/sign-in`);
    await sound(page, `sign-in-${lang}`);
    await page.goto(`${address}/sign-in/code`);
    await sound(page, `sign-in-code-${lang}`);
  }
  await page.goto(`${address}/settings?lang=ja&back=/sign-in`);
  await comeInWithCode(page, code);
  await sound(page, "ways-first");
  await makeKey(page, "自分のスマートフォン");
  for (const lang of ["en", "ja-easy", "ja"]) {
    await page.goto(`${address}/settings?lang=${lang}&back=/ways`);
    await sound(page, `ways-${lang}`);
  }
  await page.getByRole("link", { name: "続ける", exact: true }).click();
  await page.waitForURL(/\/sign-in\/as/);
  await page.locator("button[value$='citizen PATRQT']").click();
  await page.waitForURL(`${address}/me`);
  await page.goto(`${address}/me/looks`);
  assert.match(await page.locator("main").innerText(), /岡 市子/, "the desk stands in her log");
  await send(page, "おわる");
  assert.equal(path(page), "/sign-in");

  // The code is used up.
  const late = await newPage(browser);
  await late.goto(`${address}/sign-in/code`);
  await late.locator("#code").fill(code);
  await send(late, "入る");
  assert.match(await late.locator("main").innerText(), /もう使われています/);
  await sound(late, "sign-in-code-used");
  await late.context().close();

  // She comes back; what the browser sent is caught on the way.
  let caught;
  page.on("request", (request) => path({ url: () => request.url() }) === "/sign-in/passkey" && (caught = request.postData()));
  await page.goto(`${address}/sign-in`);
  const before = await page.context().cookies();
  await send(page, "パスキーで入る");
  await page.waitForURL(`${address}/me`);
  assert.equal(await page.locator("h1").count(), 1);
  await sound(page, "me-after-passkey");

  // Another browser with it, then one with her cookie of before as well.
  const thief = await newPage(browser);
  const headers = { origin: address, "content-type": "application/x-www-form-urlencoded" };
  const replay = () => thief.request.post(`${address}/sign-in/passkey`, { headers, data: caught, maxRedirects: 0 });
  assert.equal((await replay()).status(), 403, "a form of another browser");
  await thief.context().addCookies(before);
  const replayed = await replay();
  assert.equal(replayed.status(), 422);
  assert.match(await replayed.text(), /もう使われた確認/);
  await thief.goto(`${address}/me`);
  assert.equal(path(thief), "/sign-in");
  await thief.context().close();

  // A session elsewhere is seen and ended; the last passkey stays.
  const second = await newPage(browser);
  await second.context().addCookies(await page.context().cookies());
  await second.goto(`${address}/ways`);
  await second.locator("button[name=key]").click();
  assert.match(await second.locator("main").innerText(), /最後のパスキーは、なくせません/);
  await sound(second, "ways-last");
  await send(second, "おわる");
  await page.goto(`${address}/me`);
  assert.equal(path(page), "/sign-in", "signed out here is signed out there");
  await second.context().close();

  // Nobody recognised: the authenticator does not answer, and the page says so.
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  await signIn(page);
  await page.locator("[data-passkey-fault]").waitFor({ state: "visible" });
  await sound(page, "sign-in-turned-down");
  await cdp.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });

  // A copy with an older counter: stopped, and the desk is the way back.
  const { credentials } = await cdp.send("WebAuthn.getCredentials", { authenticatorId });
  await signIn(page);
  await page.waitForURL(`${address}/me`);
  await send(page, "おわる");
  await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
  await cdp.send("WebAuthn.addCredential", { authenticatorId, credential: { ...credentials[0], signCount: 0 } });
  await signIn(page);
  await page.waitForURL(/\/sign-in\/passkey/);
  assert.match(await page.locator("main").innerText(), /写しのおそれ/);
  await sound(page, "sign-in-copied");
  await cdp.send("WebAuthn.clearCredentials", { authenticatorId });
  await handOut(office, { lost: true });
  await comeInWithCode(page, await office.locator("p.number").innerText());
  await makeKey(page, "新しいスマートフォン");
  await sound(page, "ways-again");
  await page.goto(`${address}/sign-in/as`);
  await page.locator("button[value$='citizen PATRQT']").click();
  await page.waitForURL(`${address}/me`);

  // By the card: nobody's until she says that it is hers; a renewed one is another.
  await page.goto(`${address}/ways`);
  await page.getByRole("link", { name: "つなぐ", exact: true }).click();
  await page.waitForURL(/done=linked/);
  await sound(page, "ways-linked");
  const card = await newPage(browser);
  await card.goto(`${address}/sign-in`);
  await card.getByRole("link", { name: "マイナンバーカードで入る" }).click();
  await card.waitForURL(`${address}/me`);
  await send(card, "おわる");
  provider.serial = "A-2";
  await card.getByRole("link", { name: "マイナンバーカードで入る" }).click();
  await card.waitForURL(/provider\/back/);
  assert.match(await card.locator("main").innerText(), /まだつないでありません/);
  await sound(card, "sign-in-card-unknown");
  await send(page, "おわる");
  await signIn(page);
  await page.waitForURL(`${address}/me`);
  await page.goto(`${address}/ways/provider`);
  assert.match(await page.locator("main").innerText(), /前と違う証明書/);
  await sound(page, "ways-card-renewed");
});
