// A demo of its own for a test file: a small town in a folder that vanishes, served by the built binary.
//
// TSUMUGI_BIN names the binary; without it the development build of this checkout is used.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./browser.mjs";

export const binary = process.env.TSUMUGI_BIN ?? join(root, "target", "debug", "tsumugi");

/** Makes a town and serves it. Gives its address and `stop`. */
export async function demo() {
  const folder = mkdtempSync(join(tmpdir(), "tsumugi-browser-"));
  const server = spawn(binary, ["demo", "--dir", folder, "--port", "0", "--citizens", "3"], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  const address = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the demo did not start in three minutes: ${said}`)), 180_000);
    server.stdout.on("data", (part) => {
      said += part;
      const found = /(http:\/\/127\.0\.0\.1:\d+)\//.exec(said);
      if (found) {
        clearTimeout(late);
        resolve(found[1]);
      }
    });
    server.on("exit", (code) => reject(new Error(`the demo ended with ${code}: ${said}`)));
  });
  const stop = async () => {
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.removeAllListeners("exit");
    server.once("exit", () => {});
    server.kill("SIGTERM");
    await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 15_000))]);
    rmSync(folder, { recursive: true, force: true });
  };
  return { address, folder, stop, said: () => said };
}

/** Runs the binary; gives its exit status and what it said. */
export function run(...words) {
  try {
    return { status: 0, said: execFileSync(binary, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }) };
  } catch (error) {
    return { status: error.status, said: `${error.stdout}${error.stderr}` };
  }
}

/** Signs in by choosing a person of the first page. */
export async function be(page, address, person) {
  await page.goto(`${address}/sign-in`);
  await page.locator(`button[name=person][value="${person}"]`).click();
  await page.waitForLoadState();
}
