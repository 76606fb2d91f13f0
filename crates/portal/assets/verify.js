// The browser's verifier: checks on the reader's own device that no look at their data was left out.
//
// It fetches the completeness proof (the file that `tsumugi verify` reads) of each <section data-proof-url="…">, checks
// it with WebCrypto, and puts the section's own words (data-ok, data-fail, data-unsupported, with {count}, {read},
// {size}, {reason}) into [data-proof-result]; data-state becomes ok, fail, few or unsupported. With data-vkey the log's
// key must be that one, else it is the one that the proof names. With data-witnesses (keys, a space between) at least
// data-quorum of them must have cosigned, else it is "few" ({seen}, {of}, {quorum}). Formats: crates/ledger.
//
// What must hold: "ok" is said only after every check; what cannot be checked here is "unsupported".
"use strict";
(() => {
  const bytesOf = (text) => new TextEncoder().encode(text);
  const START = new Uint8Array(32);
  const MOST_BYTES = 64 << 20;

  class Fault extends Error {}
  class Unsupported extends Error {}
  class Few extends Error {}
  const must = (holds, reason) => {
    if (!holds) throw new Fault(reason);
  };

  // Base64 in its one canonical form: atob alone would pass over stray bits.
  const base64 = (text, length) => {
    must(typeof text === "string", "base64");
    let raw;
    try {
      raw = atob(text);
    } catch {
      throw new Fault("base64");
    }
    must(btoa(raw) === text && (length === undefined || raw.length === length), "base64");
    return Uint8Array.from(raw, (char) => char.charCodeAt(0));
  };

  const equal = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);
  const same = (a, b) => Object.keys(a).sort().join() === b;

  const join = (...parts) => {
    const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  };

  const number = (value) => {
    must(Number.isSafeInteger(value) && value >= 0, "number");
    return value;
  };

  const be64 = (value) => {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
    return bytes;
  };

  const sha256 = async (first, ...parts) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", join(Uint8Array.of(...first), ...parts)));
  const leafHash = (leaf) => sha256([0x00], leaf);
  const nodeHash = (left, right) => sha256([0x01], left, right);
  const chainNext = (label, count, head, hash) => sha256([0x02], label, be64(count), head, hash);
  const mapLeaf = (label, count, head) => sha256([0x03], label, be64(count), head);
  const mapNode = (left, right) => sha256([0x04], left, right);

  const importKey = async (name, key, use) => {
    try {
      return await crypto.subtle.importKey("raw", key, { name }, false, [use]);
    } catch (error) {
      if (error.name === "NotSupportedError") throw new Unsupported(name);
      throw new Fault("key");
    }
  };

  // A verifier key (c2sp.org/signed-note): name+id+base64(type ‖ public key); 1 is a log's, 4 a witness's.
  const parseKey = async (vkey, type = 1) => {
    must(typeof vkey === "string", "key");
    const [name, id, ...rest] = vkey.split("+");
    const key = base64(rest.join("+"), 33);
    must(name && !/[\s\p{Cc}]/u.test(name) && key[0] === type, "key");
    const hash = await sha256(bytesOf(name), Uint8Array.of(10), key);
    const hex = [...hash.slice(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    must(id === hex, "key");
    return { name, id: hash.slice(0, 4), publicKey: key.slice(1) };
  };

  // The signed note: text, an empty line, lines "— name base64(id ‖ signature)".
  const splitNote = (note) => {
    must(typeof note === "string" && !/[\x00-\x09\x0b-\x1f]/.test(note), "note");
    const split = note.lastIndexOf("\n\n");
    must(split >= 0 && note.endsWith("\n"), "note");
    const signatures = note.slice(split + 2, -1).split("\n").map((line) => {
      const [, name, tail] = /^\u2014 (\S+) (\S+)$/u.exec(line) ?? [];
      must(name, "note");
      const bytes = base64(tail);
      must(bytes.length > 4, "note");
      return { name, bytes };
    });
    return { text: note.slice(0, split + 1), signatures };
  };

  const of = ({ signatures }, key) =>
    signatures.filter(({ name, bytes }) => name === key.name && equal(bytes.slice(0, 4), key.id));

  const holds = async (key, signature, message) =>
    crypto.subtle.verify("Ed25519", await importKey("Ed25519", key.publicKey, "verify"), signature, bytesOf(message));

  // Gives the note's text.
  const openNote = async (note, key) => {
    const parts = splitNote(note);
    const own = of(parts, key);
    must(own.length > 0, "signature");
    for (const { bytes } of own) {
      must(bytes.length === 68 && (await holds(key, bytes.slice(4), parts.text)), "signature");
    }
    return parts.text;
  };

  // When a witness saw it (c2sp.org/tlog-cosignature), in seconds; null if it did not, or a line of it does not hold.
  const seenAt = async (parts, key) => {
    let newest = null;
    for (const { bytes } of of(parts, key)) {
      if (bytes.length !== 76) return null;
      const time = new DataView(bytes.buffer).getBigUint64(4);
      if (!(await holds(key, bytes.slice(12), `cosignature/v1\ntime ${time}\n${parts.text}`))) return null;
      newest = Math.max(newest ?? 0, Number(time));
    }
    return newest;
  };

  /** How many of the demanded witnesses have cosigned, and how long ago enough had; throws Few if fewer than the quorum. */
  const verifyWitnesses = async (note, { witnesses, quorum, now = Date.now() / 1000 }) => {
    const [parts, keys, times] = [splitNote(note), new Set(), []];
    for (const vkey of witnesses) {
      const key = await parseKey(vkey, 4);
      keys.add(key.publicKey.join());
      const time = await seenAt(parts, key);
      // Clocks may be five minutes apart; what lies further ahead does not count.
      if (time !== null && time <= now + 300) times.push(time);
    }
    must(keys.size === witnesses.length && quorum >= 1 && quorum <= keys.size, "witnesses");
    const report = { seen: times.length, of: keys.size, quorum };
    if (times.length < quorum) throw Object.assign(new Few("witnesses"), report);
    const enough = times.sort((a, b) => b - a)[quorum - 1];
    return { ...report, hours: Math.floor(Math.max(0, now - enough) / 3600) };
  };

  // The checkpoint: origin, size, root, "map " root of the map.
  const parseCheckpoint = (text, name) => {
    const lines = text.split("\n");
    const map = lines[3] ?? "";
    must(lines.length === 5 && lines[4] === "" && lines[0] === name && map.startsWith("map "), "checkpoint");
    must(/^(0|[1-9]\d*)$/.test(lines[1]), "checkpoint");
    return { size: number(Number(lines[1])), root: base64(lines[2], 32), mapRoot: base64(map.slice(4), 32) };
  };

  const bit = (label, depth) => (label[depth >> 3] >> (7 - (depth & 7))) & 1;

  // The map holds exactly (count, head) for the label, or nothing for count 0.
  const checkPath = async (path, label, count, head, root) => {
    must(path && same(path, "end,siblings") && Array.isArray(path.siblings), "map");
    const siblings = path.siblings.map((sibling) => base64(sibling, 32));
    must(siblings.length <= 256, "map");
    let hash = START;
    let own = false;
    if (path.end !== null) {
      must(same(path.end, "count,head,label"), "map");
      const end = base64(path.end.label, 32);
      const endHead = base64(path.end.head, 32);
      own = equal(end, label);
      must(!own || (path.end.count === count && equal(endHead, head)), "map");
      must(siblings.every((_, depth) => bit(end, depth) === bit(label, depth)), "map");
      hash = await mapLeaf(end, number(path.end.count), endHead);
    }
    must(own === count > 0, "map");
    for (let depth = siblings.length - 1; depth >= 0; depth--) {
      hash = await (bit(label, depth) ? mapNode(siblings[depth], hash) : mapNode(hash, siblings[depth]));
    }
    must(equal(hash, root), "map");
  };

  // RFC 9162 section 2.1.3.2. No shifts: they end at 32 bits.
  const checkInclusion = async (inclusion, leaf, size, root) => {
    must(inclusion && same(inclusion, "index,proof") && Array.isArray(inclusion.proof), "inclusion");
    let place = number(inclusion.index);
    let last = size - 1;
    must(place <= last, "inclusion");
    const half = () => {
      place = Math.floor(place / 2);
      last = Math.floor(last / 2);
    };
    let hash = leaf;
    for (const text of inclusion.proof) {
      const sibling = base64(text, 32);
      must(last > 0, "inclusion");
      if (place % 2 === 1 || place === last) {
        hash = await nodeHash(sibling, hash);
        while (place % 2 === 0 && place !== 0) half();
      } else {
        hash = await nodeHash(hash, sibling);
      }
      half();
    }
    must(last === 0 && equal(hash, root), "inclusion");
  };

  // Opens the citizen's part of a leaf and gives what it says.
  const openLeaf = async (label, body, key) => {
    must(body.length > 21 && body[0] === 1, "leaf");
    const length = new DataView(body.buffer, body.byteOffset).getUint32(17);
    must(length > 16 && (length - 16) % 256 === 0 && body.length === 21 + 2 * length, "leaf");
    const imported = await importKey("AES-GCM", key, "decrypt");
    const how = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: join(label, bytesOf("citizen")) };
    let plain;
    try {
      plain = new Uint8Array(await crypto.subtle.decrypt(how, imported, body.slice(21, 21 + length)));
    } catch {
      throw new Fault("leaf");
    }
    const end = 4 + new DataView(plain.buffer).getUint32(0);
    must(end <= plain.length && plain.slice(end).every((byte) => byte === 0), "leaf");
    try {
      const look = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(plain.slice(4, end)));
      must(look.v === 1, "leaf");
      return look;
    } catch {
      throw new Fault("leaf");
    }
  };

  const readLeaves = async (proof, label, hashes, heads) => {
    must(Array.isArray(proof.readable), "leaf");
    const looks = [];
    for (const item of proof.readable) {
      must(item && same(item, "key,leaf,number"), "leaf");
      const at = number(item.number);
      must(at >= 1 && at <= hashes.length && at > (looks.at(-1)?.number ?? 0), "leaf");
      const leaf = base64(item.leaf);
      must(leaf.length > 72 && equal(await leafHash(leaf), hashes[at - 1]), "leaf");
      must(equal(leaf.slice(0, 72), join(label, be64(at), heads[at - 1])), "leaf");
      looks.push({ number: at, look: await openLeaf(label, leaf.slice(72), base64(item.key, 32)) });
    }
    return looks;
  };

  const MEMBERS = "checkpoint,count,format,inclusion,label,leaf_hashes,path,readable,vkey";

  /** Checks a completeness proof; gives {count, size, looks, unreadable} or throws Fault or Unsupported. */
  const verifyProof = async (proof, trustedKey) => {
    if (!globalThis.crypto?.subtle) throw new Unsupported("WebCrypto");
    must(proof && same(proof, MEMBERS) && proof.format === "tsumugi-proof/1", "format");
    must(!trustedKey || proof.vkey === trustedKey, "key");
    const key = await parseKey(proof.vkey);
    const checkpoint = parseCheckpoint(await openNote(proof.checkpoint, key), key.name);
    const label = base64(proof.label, 32);
    const count = number(proof.count);
    must(Array.isArray(proof.leaf_hashes) && proof.leaf_hashes.length === count, "count");
    const hashes = proof.leaf_hashes.map((hash) => base64(hash, 32));
    const heads = [START];
    for (const hash of hashes) heads.push(await chainNext(label, heads.length, heads.at(-1), hash));
    await checkPath(proof.path, label, count, heads.at(-1), checkpoint.mapRoot);
    if (count > 0) await checkInclusion(proof.inclusion, hashes.at(-1), checkpoint.size, checkpoint.root);
    else must(proof.inclusion === null, "inclusion");
    const looks = await readLeaves(proof, label, hashes, heads);
    const read = new Set(looks.map((look) => look.number));
    const unreadable = hashes.map((_, i) => i + 1).filter((at) => !read.has(at));
    return { count, size: checkpoint.size, looks, unreadable };
  };

  /**
   * Checks a file: one proof, or one for each chain of a record that was merged, all under one checkpoint. Gives what
   * verifyProof gives, with the counts of all chains together.
   */
  const verifyFile = async (file, trustedKey) => {
    if (file?.format !== "tsumugi-proofs/1") return verifyProof(file, trustedKey);
    must(same(file, "format,proofs") && Array.isArray(file.proofs), "format");
    const [first] = file.proofs;
    must(file.proofs.length >= 1 && file.proofs.length <= 16, "format");
    must(new Set(file.proofs.map((proof) => proof?.label)).size === file.proofs.length, "format");
    const sum = { count: 0, size: 0, looks: [], unreadable: [] };
    for (const proof of file.proofs) {
      must(proof?.checkpoint === first.checkpoint && proof.vkey === first.vkey, "format");
      const report = await verifyProof(proof, trustedKey);
      sum.count += report.count;
      sum.size = report.size;
      sum.looks.push(...report.looks);
      sum.unreadable.push(...report.unreadable);
    }
    return sum;
  };

  const parseProof = (bytes) => {
    try {
      return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    } catch {
      throw new Fault("format");
    }
  };

  const fetchProof = async (url) => {
    const answer = await fetch(url, { headers: { accept: "application/json" } });
    if (!answer.ok) throw new Unsupported(`HTTP ${answer.status}`);
    const bytes = await answer.arrayBuffer();
    if (bytes.byteLength > MOST_BYTES) throw new Unsupported("size");
    return parseProof(bytes);
  };

  const show = (section, state, values, more) => {
    const words = [state, more].map((name) => (name && section.getAttribute(`data-${name}`)) ?? "").join(" ").trim();
    const result = section.querySelector("[data-proof-result]");
    if (result) {
      result.setAttribute("role", "status");
      result.textContent = words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
    }
    section.setAttribute("data-state", state);
  };

  /** Checks the proof of one section and shows the outcome there. */
  const run = async (section) => {
    try {
      const proof = await fetchProof(section.getAttribute("data-proof-url"));
      const report = await verifyFile(proof, section.getAttribute("data-vkey"));
      const demanded = section.getAttribute("data-witnesses");
      const witnesses = demanded && { witnesses: demanded.split(" "), quorum: Number(section.getAttribute("data-quorum")) };
      const checkpoint = (proof.proofs?.[0] ?? proof).checkpoint;
      const seen = witnesses ? await verifyWitnesses(checkpoint, witnesses) : { hours: 0 };
      const old = seen.hours >= 24 ? "old" : null;
      show(section, "ok", { count: report.count, read: report.looks.length, size: report.size, ...seen }, old);
    } catch (error) {
      if (error instanceof Few) return show(section, "few", error);
      // What could not be checked or fetched says nothing against the log.
      show(section, error instanceof Fault ? "fail" : "unsupported", { reason: error.message });
    }
  };

  const api = { verifyProof, verifyFile, verifyWitnesses, parseProof, run, Fault, Unsupported, Few };
  if (typeof module !== "undefined") module.exports = api;
  else if (globalThis.tsumugiVerifyTest) globalThis.tsumugiVerifyTest(api);
  else for (const section of document.querySelectorAll("section[data-proof-url]")) run(section);
})();
