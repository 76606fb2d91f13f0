// A server of its own for a test file: an empty development folder that vanishes, served by the built binary, and a
// token for a physician of a hospital.
//
// TSUMUGI_BIN names the binary; without it the development build of this checkout is used.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
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

/** Serves an empty folder. Gives `root` (the address), `base` (that of FHIR), `token`, and `stop`. */
export async function serve() {
  const folder = mkdtempSync(join(tmpdir(), "tsumugi-clients-"));
  const data = join(folder, "data");
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
  const who = ["--role", "physician", "--purpose", "TREAT", "--person", "okada-chihiro", "--organization", "4911000017"];
  const token = execFileSync(binary, ["token", "--dir", data, ...who], { encoding: "utf8" }).trim();
  const stop = async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGTERM");
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 10_000).unref())]);
    rmSync(folder, { recursive: true, force: true });
  };
  return { root, base: `${root}/fhir/R4`, token, stop };
}
