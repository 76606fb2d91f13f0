// A server of its own for a test file: an empty development folder that vanishes, served by the built binary, and a
// token for a physician of a hospital.
//
// TSUMUGI_BIN names the binary; without it the development build of this checkout is used.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const here = dirname(fileURLToPath(import.meta.url));
const binary = process.env.TSUMUGI_BIN ?? join(here, "..", "..", "target", "debug", "tsumugi");

/** What every client sends: a fresh copy each time. */
export const fixtures = () => JSON.parse(readFileSync(join(here, "fixtures.json"), "utf8"));

/** The n-th weighing of a person, one a day. */
export function weighing(number, patient) {
  const { observation, weights } = fixtures();
  observation.subject.reference = `Patient/${patient}`;
  observation.effectiveDateTime = `2026-11-${String(number + 1).padStart(2, "0")}T09:00:00+09:00`;
  observation.valueQuantity.value = weights[number];
  return observation;
}

/** Who signs in on the pages: one citizen, by her insured number. */
const HARU = {
  id: "haru",
  name: "山田 ハル",
  qualification: null,
  role: "citizen",
  purpose: "PATRQT",
  organization: "home",
  organization_name: "山田さんの家",
  organization_kind: "household",
  citizen: { system: "http://jpfhir.jp/fhir/clins/Idsystem/JP_Insurance_memberID", value: "39490016::00880999:", name: "山田 ハル" },
  others: [],
  who: { ja: "本人", en: "herself" },
  try_this: { ja: "見る", en: "look" },
};

/**
 * Serves an empty folder. Gives `root` (the address), `base` (that of FHIR), `token`, and `stop`; `client` registers one,
 * `file` keeps a file beside the folder. With `people` a citizen can sign in; `citizen` makes her record.
 */
export async function serve({ people = false } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "tsumugi-clients-"));
  const data = join(folder, "data");
  if (people) {
    // Who can sign in is read at the start, and a start makes the folder.
    await end((await started(data)).server);
    writeFileSync(join(data, "people.json"), JSON.stringify([HARU]));
  }
  const { server, root } = await started(data);
  const who = ["--role", "physician", "--purpose", "TREAT", "--person", "okada-chihiro", "--organization", "4911000017"];
  const token = execFileSync(binary, ["token", "--dir", data, ...who], { encoding: "utf8" }).trim();
  const base = `${root}/fhir/R4`;
  const client = (id, ...more) => execFileSync(binary, ["client", "add", "--dir", data, "--id", id, ...more], { stdio: ["ignore", "ignore", "inherit"] });
  const file = (name, value) => {
    writeFileSync(join(folder, name), JSON.stringify(value));
    return join(folder, name);
  };
  const citizen = async () => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/fhir+json" };
    const create = async (resource) => {
      const answer = await fetch(`${base}/${resource.resourceType}`, { method: "POST", headers, body: JSON.stringify(resource) });
      if (answer.status !== 201) throw new Error(await answer.text());
      return (await answer.json()).id;
    };
    const { patient } = fixtures();
    patient.identifier[0].value = HARU.citizen.value;
    const id = await create(patient);
    await create(weighing(0, id));
    return id;
  };
  const stop = async () => {
    await end(server);
    rmSync(folder, { recursive: true, force: true });
  };
  return { root, base, token, client, file, citizen, stop };
}

async function end(server) {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000).unref())]);
}

async function started(data) {
  const server = spawn(binary, ["serve", "--dev", "--dir", data, "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const root = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the server did not start in a minute: ${said}`)), 60_000);
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
    server.once("error", reject);
    server.stdout.on("data", (part) => {
      said += part;
      const found = /(http:\/\/127\.0\.0\.1:\d+)\//.exec(said);
      if (found) {
        clearTimeout(late);
        resolve(found[1]);
      }
    });
  });
  return { server, root };
}
