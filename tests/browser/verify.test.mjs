// The browser's verifier against a proof that the ledger itself made: `node --test tests/browser/verify.test.mjs`.
// SAMPLE_PROOF may name a ready proof; else it is made by the ledger's example.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = `${root}crates/portal/assets/verify.js`;
const { verifyProof, verifyFile, parseProof, run, Fault, Unsupported } = createRequire(import.meta.url)(script);

const bytes = process.env.SAMPLE_PROOF
  ? readFileSync(process.env.SAMPLE_PROOF)
  : execFileSync("cargo", ["run", "-q", "-p", "tsumugi-ledger", "--example", "sample_proof"], { cwd: root });
const json = Buffer.from(bytes.toString("utf8").trimEnd());
const good = () => JSON.parse(json.toString("utf8"));

// SplitMix-like generator: the same mutations on every run.
let state = 1n;
const random = (below) => {
  state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
  return Number((state >> 33n) % BigInt(below));
};

const flip = (base64) => {
  const raw = Buffer.from(base64, "base64");
  raw[random(raw.length)] ^= 1 << random(8);
  return raw.toString("base64");
};

const refuses = (proof, what) => assert.rejects(verifyProof(proof), (error) => error instanceof Fault, what);

test("the script is small", () => assert.ok(statSync(script).size < 13_500));

test("a file with several chains is checked chain by chain", async () => {
  const one = await verifyFile(good());
  const file = { format: "tsumugi-proofs/1", proofs: [good()] };
  assert.deepEqual(await verifyFile(file), { ...one });
  const refused = (bad, what) => assert.rejects(verifyFile(bad), (error) => error instanceof Fault, what);
  await refused({ ...file, proofs: [good(), good()] }, "one chain twice");
  await refused({ ...file, proofs: [] }, "no chain");
  await refused({ ...file, more: 1 }, "a foreign member");
  const other = good();
  other.label = flip(other.label);
  await refused({ ...file, proofs: [good(), other] }, "a chain of another label");
});

test("a good proof holds, and every leaf is read", async () => {
  const proof = good();
  const report = await verifyProof(proof, proof.vkey);
  assert.equal(report.count, proof.count);
  assert.ok(report.count >= 5);
  assert.equal(report.size, 500);
  assert.deepEqual(report.looks.map((look) => look.number), proof.leaf_hashes.map((_, i) => i + 1));
  assert.equal(report.looks[0].look.person.name, "髙橋 明子");
  assert.equal(report.looks[0].look.purpose, "TREAT");
  assert.deepEqual(report.unreadable, []);
});

test("a leaf without its key is named unreadable", async () => {
  const proof = good();
  proof.readable.splice(1, 1);
  assert.deepEqual((await verifyProof(proof)).unreadable, [2]);
});

test("another log's key is refused when one is trusted", async () => {
  const trusted = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
  await assert.rejects(verifyProof(good(), trusted), Fault);
});

const mutations = {
  "a hash changed": (p, i) => (p.leaf_hashes[i] = flip(p.leaf_hashes[i])),
  "a hash dropped": (p, i) => p.leaf_hashes.splice(i, 1),
  "a hash dropped and the count lowered": (p, i) => (p.leaf_hashes.splice(i, 1), (p.count -= 1)),
  "a tail dropped everywhere": (p) => {
    p.leaf_hashes.pop();
    p.readable.pop();
    p.count -= 1;
    p.path.end.count -= 1;
  },
  "two hashes swapped": (p, i) => {
    const j = (i + 1) % p.count;
    [p.leaf_hashes[i], p.leaf_hashes[j]] = [p.leaf_hashes[j], p.leaf_hashes[i]];
  },
  "a hash repeated": (p, i) => p.leaf_hashes.splice(i, 0, p.leaf_hashes[i]),
  "the count lowered": (p) => (p.count -= 1),
  "the map's count lowered": (p) => (p.path.end.count -= 1),
  "the map's head changed": (p) => (p.path.end.head = flip(p.path.end.head)),
  "the label changed": (p) => (p.label = flip(p.label)),
  "a sibling of the map changed": (p) => {
    const i = random(p.path.siblings.length);
    p.path.siblings[i] = flip(p.path.siblings[i]);
  },
  "a sibling of the map dropped": (p) => p.path.siblings.pop(),
  "absence claimed": (p) => Object.assign(p, { count: 0, leaf_hashes: [], readable: [], inclusion: null }),
  "the inclusion proof changed": (p) => {
    const i = random(p.inclusion.proof.length);
    p.inclusion.proof[i] = flip(p.inclusion.proof[i]);
  },
  "the inclusion index changed": (p) => (p.inclusion.index += 1),
  "the inclusion proof lengthened": (p) => p.inclusion.proof.push(p.label),
  "the inclusion proof missing": (p) => (p.inclusion = null),
  "a leaf changed": (p, i) => (p.readable[i].leaf = flip(p.readable[i].leaf)),
  "a key changed": (p, i) => (p.readable[i].key = flip(p.readable[i].key)),
  "a number changed": (p, i) => (p.readable[i].number += 1),
  "leaves swapped": (p) => p.readable.reverse(),
  "a leaf repeated": (p, i) => p.readable.splice(i, 0, p.readable[i]),
  "the size in the checkpoint changed": (p) => (p.checkpoint = p.checkpoint.replace("\n500\n", "\n501\n")),
  "the signature changed": (p) => {
    const line = p.checkpoint.split(" ").at(-1).trim();
    const raw = Buffer.from(line, "base64");
    raw[4 + random(64)] ^= 1 << random(8);
    p.checkpoint = p.checkpoint.replace(line, raw.toString("base64"));
  },
  "the key changed": (p) => {
    const [name, id, key] = p.vkey.split(/\+(?=[0-9a-f]{8}\+)|(?<=\+[0-9a-f]{8})\+/);
    p.vkey = `${name}+${id}+${flip(key)}`;
  },
  "a member added": (p) => (p.more = 1),
  "a member missing": (p) => delete p.path,
  "another format": (p) => (p.format = "tsumugi-proof/2"),
};

for (const [what, mutate] of Object.entries(mutations)) {
  test(`found: ${what}`, async () => {
    for (let round = 0; round < 20; round++) {
      const proof = good();
      mutate(proof, random(proof.count - 1));
      await refuses(proof, what);
    }
  });
}

test("found: every flipped bit of the file", async () => {
  for (let round = 0; round < 1_500; round++) {
    const broken = Buffer.from(json);
    broken[random(broken.length)] ^= 1 << random(8);
    await assert.rejects(async () => verifyProof(parseProof(broken)), Fault, `round ${round}`);
  }
});

// As much of a page as the script touches.
const page = (attributes) => {
  const result = { attributes: {}, textContent: "", setAttribute: (name, value) => (result.attributes[name] = value) };
  const section = {
    attributes: {
      "data-proof-url": "/api/me/looks/proof",
      "data-ok": "{count}件、抜けはありません ({size})",
      "data-fail": "一致しません: {reason}",
      "data-unsupported": "ファイルで確かめてください",
      ...attributes,
    },
    getAttribute: (name) => section.attributes[name] ?? null,
    setAttribute: (name, value) => (section.attributes[name] = value),
    querySelector: (selector) => (selector === "[data-proof-result]" ? result : null),
  };
  return { section, result };
};

const answering = (t, body, status = 200) =>
  t.mock.method(globalThis, "fetch", async () => new Response(body, { status }));

test("the page says what was found, in its own words", async (t) => {
  answering(t, json);
  const { section, result } = page({});
  await run(section);
  assert.equal(section.attributes["data-state"], "ok");
  assert.equal(result.textContent, `${good().count}件、抜けはありません (500)`);
  assert.equal(result.attributes.role, "status");
});

test("the page says when it does not hold", async (t) => {
  const proof = good();
  proof.leaf_hashes.reverse();
  answering(t, JSON.stringify(proof));
  const { section, result } = page({});
  await run(section);
  assert.equal(section.attributes["data-state"], "fail");
  assert.equal(result.textContent, "一致しません: map");
});

test("the page trusts only the key that it names", async (t) => {
  answering(t, json);
  const { section } = page({ "data-vkey": `${good().vkey}x` });
  await run(section);
  assert.equal(section.attributes["data-state"], "fail");
});

test("a browser without Ed25519 is told to use the file", async (t) => {
  answering(t, json);
  const original = crypto.subtle.importKey.bind(crypto.subtle);
  t.mock.method(crypto.subtle, "importKey", (form, key, algorithm, ...rest) => {
    if (algorithm.name === "Ed25519") throw new DOMException("no", "NotSupportedError");
    return original(form, key, algorithm, ...rest);
  });
  await assert.rejects(verifyProof(good()), Unsupported);
  const { section, result } = page({});
  await run(section);
  assert.equal(section.attributes["data-state"], "unsupported");
  assert.equal(result.textContent, "ファイルで確かめてください");
});

test("a proof that cannot be fetched says nothing against the log", async (t) => {
  answering(t, "", 503);
  const { section } = page({});
  await run(section);
  assert.equal(section.attributes["data-state"], "unsupported");
});

test("as a plain script it runs on every section of the page", async () => {
  const { section } = page({});
  const sections = [];
  const context = vm.createContext({
    crypto,
    TextEncoder,
    TextDecoder,
    atob,
    btoa,
    Uint8Array,
    DataView,
    fetch: async () => new Response(json),
    document: { querySelectorAll: (selector) => (sections.push(selector), [section]) },
  });
  vm.runInContext(readFileSync(script, "utf8"), context);
  for (let i = 0; i < 200 && !section.attributes["data-state"]; i++) await new Promise((next) => setTimeout(next, 10));
  assert.deepEqual(sections, ["section[data-proof-url]"]);
  assert.equal(section.attributes["data-state"], "ok");
});
