// The state of the log in a real browser: without witnesses and with one that signs; phone and desk, both languages, without
// JavaScript. Screenshots go to artefacts/.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { DESK, PHONE, launch, newPage, sound } from "./browser.mjs";
import { binary, run } from "./demo.mjs";

const folder = mkdtempSync(join(tmpdir(), "tsumugi-log-"));
const [data, witness] = [join(folder, "data"), join(folder, "witness")];
const running = [];

/** Starts a server; gives its address and the key that it names. */
async function serve(words, mark) {
  const server = spawn(binary, words, { stdio: ["ignore", "pipe", "inherit"] });
  running.push(server);
  let said = "";
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`it did not start: ${said}`)), 120_000);
    server.stdout.on("data", (part) => {
      said += part;
      const [address, key] = [/(http:\/\/127\.0\.0\.1:\d+)\//.exec(said), new RegExp(`${mark}: (\\S+)\\n`).exec(said)];
      if (address && key) {
        clearTimeout(late);
        resolve({ server, address: address[1], key: key[1] });
      }
    });
  });
}

const log = () => serve(["serve", "--dev", "--dir", data, "--port", "0"], "log key");
const ended = (server) => new Promise((resolve) => (server.once("exit", resolve), server.kill("SIGTERM")));

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await Promise.all(running.filter((server) => server.exitCode === null).map(ended));
  rmSync(folder, { recursive: true, force: true });
});

async function visit(address, name, expected) {
  for (const [where, viewport] of [["phone", PHONE], ["desk", DESK]]) {
    for (const lang of ["ja", "en"]) {
      for (const javaScriptEnabled of [false, true]) {
        const page = await newPage(browser, { viewport, javaScriptEnabled });
        await page.goto(`${address}/settings?lang=${lang}&back=/log`);
        await page.goto(`${address}/log`);
        assert.match(await page.locator("main").innerText(), expected[lang]);
        if (javaScriptEnabled) await sound(page, `${name}-${lang}-${where}`);
        await page.context().close();
      }
    }
  }
}

/** Somebody is registered: the log has a leaf. */
async function write(address) {
  const who = ["--role", "nurse", "--purpose", "TREAT", "--person", "mori", "--organization", "1311234567"];
  const token = run("token", "--dir", data, ...who).said.trim();
  const identifier = [{ system: "urn:oid:1.2.392.100495.20.3.51.11311234567", value: "1" }];
  const patient = { resourceType: "Patient", identifier, name: [{ text: "山田 ハル" }], gender: "female", birthDate: "1948-03-05" };
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/fhir+json" };
  const answer = await fetch(`${address}/fhir/R4/Patient`, { method: "POST", headers, body: JSON.stringify(patient) });
  assert.equal(answer.status, 201, await answer.text());
}

test("the log without witnesses, then with one that signs", async () => {
  const first = await log();
  await write(first.address);
  await visit(first.address, "log-alone", { ja: /立会人は、まだ決まっていません/, en: /No witnesses are named yet/ });
  await ended(first.server);

  assert.equal(run("witness", "init", "--dir", witness, "--name", "witness.example/w1").status, 0);
  assert.equal(run("witness", "trust", "--dir", witness, first.key).status, 0);
  const other = await serve(["witness", "serve", "--dir", witness, "--port", "0"], "witness key");
  const entry = { name: "みなと弁護士会", url: other.address, key: other.key };
  writeFileSync(join(data, "witnesses.json"), JSON.stringify({ quorum: 1, witnesses: [entry] }));
  const second = await log();
  for (let round = 0; round < 100; round++) {
    const state = await (await fetch(`${second.address}/api/log`)).json();
    if (state.reached) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  await visit(second.address, "log-witnessed", { ja: /1人の立会人のうち1人以上が、同じ台帳を見ています/, en: /At least 1 of 1 witnesses have seen the same log/ });

  // What the page gives is what the command takes, and both hold the same text.
  const [own, seen] = [join(folder, "own.txt"), join(folder, "seen.txt")];
  writeFileSync(own, await (await fetch(`${second.address}/log/checkpoint`)).text());
  const [line] = await (await fetch(`${other.address}/logs`)).json();
  writeFileSync(seen, await (await fetch(`${other.address}${line.checkpoint}`)).text());
  const compared = run("witness", "compare", "--key", first.key, own, seen);
  assert.equal(compared.status, 0, compared.said);
  assert.match(await (await fetch(`${second.address}/log/policy`)).text(), /^log .*\nwitness w1 .*\ngroup quorum-of-witnesses 1 w1\nquorum quorum-of-witnesses\n$/);
});
