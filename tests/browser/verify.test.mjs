// The browser's verifier against a proof that the ledger itself made: `node --test tests/browser/verify.test.mjs`.
// SAMPLE_PROOF may name a ready proof; else it is made by the ledger's example.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const root = fileURLToPath(new URL("../..", import.meta.url));
const script = `${root}crates/portal/assets/verify.js`;
const { verifyProof, verifyFile, verifyWitnesses, parseProof, run, Fault, Unsupported, Few } = createRequire(import.meta.url)(script);

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

test("the script is small", () => assert.ok(statSync(script).size < 16_000));

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

// Witnesses of our own, made with another implementation of the signatures.
const witness = (name) => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const key = Buffer.concat([Buffer.of(4), publicKey.export({ type: "spki", format: "der" }).subarray(-32)]);
  const id = createHash("sha256").update(name).update("\n").update(key).digest().subarray(0, 4);
  const cosign = (text, seconds) => {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(seconds));
    const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`), privateKey);
    return `\u2014 ${name} ${Buffer.concat([id, time, signature]).toString("base64")}\n`;
  };
  return { vkey: `${name}+${id.toString("hex")}+${key.toString("base64")}`, cosign };
};
const three = ["w1.example", "w2.example", "w3.example"].map(witness);
const NOW = Math.floor(Date.now() / 1000);
const textOf = (note) => note.slice(0, note.lastIndexOf("\n\n") + 1);
const demand = { witnesses: three.map((each) => each.vkey), quorum: 2, now: NOW };
const seenBy = (...lines) => good().checkpoint + lines.map(([at, time]) => three[at].cosign(textOf(good().checkpoint), time)).join("");
const few = (note, what, more) => assert.rejects(verifyWitnesses(note, { ...demand, ...more }), (error) => error instanceof Few, what);

test("two of three witnesses are enough, and their age is told", async () => {
  const seen = await verifyWitnesses(seenBy([0, NOW - 7200], [2, NOW - 60]), demand);
  assert.deepEqual(seen, { seen: 2, of: 3, quorum: 2, hours: 2 });
  assert.equal((await verifyWitnesses(seenBy([0, NOW - 7200], [1, NOW], [2, NOW]), demand)).hours, 0);
});

test("too few witnesses never pass", async () => {
  await few(good().checkpoint, "none");
  await few(seenBy([1, NOW]), "one");
  await few(seenBy([1, NOW], [1, NOW - 1]), "one twice");
  await few(seenBy([1, NOW], [2, NOW + 301]), "one from the future");
  const other = `${textOf(good().checkpoint)}x\n`;
  await few(good().checkpoint + three[0].cosign(other, NOW) + three[1].cosign(other, NOW), "of another text");
  await few(good().checkpoint + three[0].cosign(textOf(good().checkpoint), NOW) + witness("w2.example").cosign(textOf(good().checkpoint), NOW), "of another key");
  for (const bad of [{ quorum: 4 }, { quorum: 0 }, { witnesses: [three[0].vkey, three[0].vkey] }, { witnesses: [good().vkey], quorum: 1 }]) {
    await assert.rejects(verifyWitnesses(seenBy([0, NOW], [1, NOW]), { ...demand, ...bad }), Fault);
  }
});

test("the page says how many witnesses there are", async (t) => {
  const proof = { ...good(), checkpoint: seenBy([0, NOW], [1, NOW - 90_000]) };
  answering(t, JSON.stringify(proof));
  const words = { "data-witnesses": demand.witnesses.join(" "), "data-quorum": "2", "data-few": "{of}人のうち{seen}人", "data-old": "{hours}時間" };
  const { section, result } = page({ ...words, "data-ok": "{of}人のうち{seen}人が同じ台帳" });
  await run(section);
  assert.equal(result.textContent, "3人のうち2人が同じ台帳 25時間");
  const third = page({ ...words, "data-quorum": "3" });
  await run(third.section);
  assert.equal(third.section.attributes["data-state"], "few");
  assert.equal(third.result.textContent, "3人のうち2人");
});
