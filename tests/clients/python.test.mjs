// The clients of Python: each file of unittest against a server of its own, each of its tests counted here.
//
// The interpreter is that of the virtual environment in .venv, made from requirements.txt; PYTHON names another.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { here, serve } from "./server.mjs";

const python = process.env.PYTHON ?? join(here, ".venv", "bin", "python");

/** Runs a module of tests; gives exit status and words. */
function unittest(module, server) {
  const env = {
    ...process.env,
    TSUMUGI_BASE: server.base,
    TSUMUGI_TOKEN: server.token,
    TSUMUGI_PATIENT: server.patient ?? "",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONUTF8: "1",
  };
  return new Promise((resolve, reject) => {
    let said = "";
    const tests = spawn(python, ["-m", "unittest", "-v", module], { cwd: here, env, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [tests.stdout, tests.stderr]) stream.setEncoding("utf8").on("data", (part) => (said += part));
    tests.once("error", reject);
    tests.once("exit", (status) => resolve({ status, said }));
  });
}

describe("Python", () => {
  test("the environment is there", () => {
    assert.ok(existsSync(python), `${python} is missing: python3 -m venv .venv && .venv/bin/pip install -r requirements.txt`);
  });
  for (const module of ["test_fhirpy", "test_fhirclient", "test_smart_launch"]) {
    test(module, async (all) => {
      const launches = module === "test_smart_launch";
      const server = await serve({ people: launches });
      if (launches) {
        server.patient = await server.citizen();
        const scopes = "launch/patient patient/Observation.rs openid fhirUser offline_access";
        server.client("python", "--name", "からだ手帳", "--redirect", "http://127.0.0.1:9/python", "--scopes", scopes);
      }
      const { status, said } = await unittest(module, server).finally(server.stop);
      // What a client says of its own stands between a test and its result.
      const ran = [...said.matchAll(/^(test_\w+) \(.*\) \.\.\. (?:[^]*?^)??(ok|FAIL|ERROR|skipped.*)$/gm)];
      const count = Number(/^Ran (\d+) tests? in /m.exec(said)?.[1] ?? 0);
      for (const [, name, result] of ran) {
        const words = said.split(/^={20,}$/m).find((part) => part.includes(`: ${name} (`)) ?? said;
        await all.test(name, () => assert.equal(result, "ok", words));
      }
      assert.ok(count > 0, said);
      assert.equal(ran.length, count, "each test that ran is counted once");
      assert.equal(status === 0, ran.every(([, , result]) => result === "ok"), said);
    });
  }
});
