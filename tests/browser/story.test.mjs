// The story in a real browser: the daughter on her phone, the care worker, the hospital; both languages; no script; bad
// input; somebody else's address. Screenshots go to artefacts/.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DESK, NARROWEST, PHONE, sound } from "./browser.mjs";
import { be, run } from "./demo.mjs";
import { open, town } from "./stage.mjs";

test("the daughter sees who looked in three taps, and her phone checks that nothing was left out", async () => {
  const page = await open({ viewport: PHONE });
  await be(page, town.address, "yamada-megumi");
  await sound(page, "daughter-start");
  let taps = 0;
  const tap = async (target) => {
    taps += 1;
    await target.click();
    await page.waitForLoadState();
  };
  if (!/\/people\/[^/]+$/.test(page.url())) await tap(page.locator("main a[href^='/people/']").first());
  await sound(page, "daughter-home");
  await tap(page.locator("main a[href$='/looks']").first());
  assert.ok(taps <= 3, `${taps} taps`);
  const text = await page.locator("main").innerText();
  for (const words of ["佐々木", "みなと消防署", "緊急の治療のため", "髙橋", "介護の計画と調整のため"]) {
    assert.ok(text.includes(words), `${words} is not among the looks`);
  }
  const section = page.locator("section[data-proof-url]");
  await section.and(page.locator("[data-state=ok]")).waitFor();
  await sound(page, "daughter-looks");
  const proof = await page.request.get(new URL(await section.getAttribute("data-proof-url"), page.url()).href);
  assert.equal(proof.status(), 200);
  const file = join(town.folder, "proof.json");
  writeFileSync(file, await proof.body());
  const good = run("verify", file);
  assert.equal(good.status, 0, good.said);
  const changed = JSON.parse(readFileSync(file, "utf8"));
  changed.leaf_hashes.splice(1, 1);
  changed.count -= 1;
  writeFileSync(file, JSON.stringify(changed));
  const bad = run("verify", file);
  assert.equal(bad.status, 3, `a look was cut out, and verify said: ${bad.said}`);
});

test("one look says who, why, what, and by which rule", async () => {
  const page = await open({ viewport: PHONE });
  await be(page, town.address, "yamada-haru");
  await page.goto(`${town.address}/me/looks?purpose=ETREAT`);
  await page.locator("main a[href*='/looks/']").first().click();
  await page.waitForLoadState();
  const text = await page.locator("main").innerText();
  for (const words of ["佐々木", "みなと消防署", "緊急の治療のため", "倒れて、話せない"]) assert.ok(text.includes(words), `${words}: ${text}`);
  await sound(page, "one-look");
});

test("without scripts the same pages say the same, and offer the file", async () => {
  const page = await open({ viewport: PHONE, javaScriptEnabled: false });
  await be(page, town.address, "yamada-haru");
  await page.goto(`${town.address}/me/looks`);
  assert.ok((await page.locator("main").innerText()).includes("佐々木"));
  assert.ok((await page.locator("a[download], a[href*='proof']").count()) > 0, "the proof can be saved");
  await page.screenshot({ path: join(town.folder, "noscript.png") });
});

for (const [name, viewport] of [["phone", PHONE], ["desk", DESK], ["narrowest", NARROWEST]]) {
  for (const lang of ["ja", "en"]) {
    test(`the citizen's pages, ${name}, ${lang}`, async () => {
      const page = await open({ viewport });
      await be(page, town.address, "yamada-haru");
      await page.goto(`${town.address}/settings?lang=${lang}&back=/me`);
      for (const path of ["", "/looks", "/timeline", "/activities", "/laboratory", "/medicines"]) {
        const answer = await page.goto(`${town.address}/me${path}`);
        assert.equal(answer.status(), 200, path);
        assert.equal(await page.locator("html").getAttribute("lang"), lang);
        await sound(page, `citizen${path.replaceAll("/", "-")}-${lang}-${name}`);
      }
      await page.goto(`${town.address}/me/laboratory`);
      await page.locator("main a[href*='/laboratory/']").first().click();
      await page.locator("main svg[role=img]").first().waitFor();
      await sound(page, `citizen-trend-${lang}-${name}`);
    });
  }
}

test("the care worker sees first what to watch, and writes the day's abilities once though she taps twice", async () => {
  const page = await open({ viewport: PHONE });
  await be(page, town.address, "rin");
  await page.goto(`${town.address}/home`);
  await page.locator("main a[href^='/people/']").first().click();
  await page.waitForLoadState();
  const text = await page.locator("main").innerText();
  for (const words of ["飲みこみ", "移動", "薬", "とろみ"]) assert.ok(text.includes(words), words);
  assert.ok(text.indexOf("とろみ") < text.indexOf("生活の力"), "the precautions stand first");
  await sound(page, "care-office");
  const base = new URL(page.url()).pathname;
  const count = async () => (await (await page.request.get(`${town.address}/api${base}/activities`)).json()).measurements.length;
  const before = await count();
  await page.goto(`${town.address}${base}/care`);
  await sound(page, "care-form");
  for (const code of ["feeding", "transfer", "grooming", "toilet-use", "bathing", "mobility", "stairs", "dressing", "bowels", "bladder"]) {
    await page.locator(`input[name="barthel-${code}"]`).first().check({ force: true });
  }
  await page.locator("textarea[name=note]").fill("昼ごはんは全部食べました。むせませんでした。");
  const form = page.locator("form:has(textarea[name=note])");
  const fields = await form.evaluate((form) => [...new FormData(form)].map(([name, value]) => [name, value]));
  const body = new URLSearchParams(fields).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded", origin: town.address };
  for (let tap = 0; tap < 2; tap += 1) {
    const answer = await page.request.post(`${town.address}${base}/care`, { data: body, headers, maxRedirects: 0 });
    assert.ok(answer.status() < 400, `${answer.status()}`);
  }
  assert.equal(await count(), before + 1, "two taps are one act");
  const forged = await page.request.post(`${town.address}${base}/care`, { data: body.replace(/csrf=[^&]*/, "csrf=x"), headers });
  assert.equal(forged.status(), 403);
});

test("the hospital's view, and its English", async () => {
  for (const lang of ["ja", "en"]) {
    const page = await open({ viewport: DESK });
    await be(page, town.address, "mori-yumi");
    await page.goto(`${town.address}/settings?lang=${lang}&back=/home`);
    await page.goto(`${town.address}/home`);
    await page.locator("main a[href^='/people/']").first().click();
    await page.waitForLoadState();
    await sound(page, `ward-${lang}`);
  }
});

test("somebody else's record and an address that is none are one page", async () => {
  const page = await open({ viewport: PHONE });
  await be(page, town.address, "okada-chihiro");
  await page.goto(`${town.address}/home`);
  const links = await page.locator("main a[href^='/people/']").evaluateAll((all) => all.map((link) => link.getAttribute("href")));
  assert.ok(links.length > 0);
  await be(page, town.address, "yamada-haru");
  const texts = [];
  for (const path of [...links, "/people/a00000000000000000000000000", "/people/x"]) {
    const answer = await page.goto(`${town.address}${path}`);
    if (answer.status() === 200) continue;
    assert.equal(answer.status(), 404);
    texts.push(await page.locator("main").innerText());
  }
  assert.ok(texts.length >= 2);
  assert.equal(new Set(texts).size, 1, "refused and absent read alike");
});

test("with the network cut, a page that was open stays readable and says so where it checks", async () => {
  const page = await open({ viewport: PHONE });
  await be(page, town.address, "yamada-haru");
  await page.context().route("**/looks/proof*", (route) => route.abort());
  await page.goto(`${town.address}/me/looks`);
  await page.locator("section[data-state=unsupported]").waitFor();
  assert.ok((await page.locator("main").innerText()).includes("佐々木"));
});

test("the demo fills: the first page says it quietly, and how far it is can be seen", async () => {
  const page = await open({ viewport: PHONE });
  await page.goto(`${town.address}/sign-in`);
  await sound(page, "sign-in-filling");
  await page.locator("main a[href='/demo']").click();
  await page.waitForLoadState();
  await sound(page, "filling");
  let progress;
  for (let tries = 0; tries < 120; tries += 1) {
    progress = await (await page.request.get(`${town.address}/api/demo/progress`)).json();
    if (progress.state !== "running") break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.deepEqual([progress.state, progress.there, progress.citizens, progress.refused], ["done", 3, 3, 0], JSON.stringify(progress));
  await page.reload();
  assert.ok((await page.locator("main").innerText()).includes("全員"), "the page says that it is done");
  await page.goto(`${town.address}/town`);
  await sound(page, "town-none");
});

test("each neighbour finds what the first page promises", async () => {
  const page = await open({ viewport: PHONE });
  await be(page, town.address, "nakamura-akari");
  await page.goto(`${town.address}/home`);
  await page.locator("main a[href^='/people/']").first().click();
  await page.waitForLoadState();
  const base = new URL(page.url()).pathname;
  await page.goto(`${town.address}${base}/timeline`);
  const life = await page.locator("main").innerText();
  for (const words of ["五種混合ワクチン", "体重 8.93kg", "小麦"]) assert.ok(life.includes(words), `${words}: ${life}`);
  await sound(page, "infant-timeline");
  await be(page, town.address, "watanabe-kenichi");
  await page.goto(`${town.address}/me/laboratory`);
  await page.locator("main a[href*='/laboratory/']", { hasText: "HbA1c" }).first().click();
  await page.locator("main svg[role=img]").first().waitFor();
  const course = await page.locator("main").innerText();
  for (const words of ["8.9", "6.7"]) assert.ok(course.includes(words), words);
  await sound(page, "diabetic-trend");
  await be(page, town.address, "matsumoto-sakura");
  for (const path of ["", "/looks", "/timeline", "/activities", "/laboratory", "/medicines"]) {
    await page.goto(`${town.address}/me${path}`);
    const text = (await page.locator("main").innerText()) + (await page.content());
    for (const words of ["港町", "綾野県", "000-001", "000-1111"]) assert.ok(!text.includes(words), `${path} shows ${words}`);
  }
  await be(page, town.address, "nishida-makiko");
  await page.locator("main input[name=number]").fill("420078");
  await page.locator("main form button").first().click();
  await page.waitForLoadState();
  assert.ok(!/\/people\/a/.test(page.url()), "nobody's record opens to a researcher");
});

test("two clerks decide that two records are one person's, and one takes them apart again", async () => {
  const first = await open({ viewport: DESK });
  await be(first, town.address, "kawaguchi-toru");
  await first.goto(`${town.address}/home`);
  await first.locator("main a[href='/desk/matches']").click();
  await first.waitForLoadState();
  await sound(first, "desk-queue");
  const list = await first.locator("main").innerText();
  for (const name of ["藤田", "長谷川", "髙橋", "高橋", "木村", "森", "佐藤"]) {
    assert.ok(!list.includes(name), `${name} is named before anybody opened the pair`);
  }
  // The married woman, the slip of the pen, the two numbers; neither the twins nor the namesakes.
  const pairs = await first.locator("main ul.rows a[href^='/desk/matches/']").evaluateAll((all) => all.map((one) => one.getAttribute("href")));
  const texts = {};
  for (const path of pairs) {
    await first.goto(town.address + path);
    texts[path] = await first.locator("main").innerText();
  }
  // Readings stand over the characters, so family and given name are looked for apart.
  const has = (...words) => (path) => words.every((word) => texts[path].includes(word));
  const married = pairs.find(has("長谷川", "藤田", "美咲"));
  assert.ok(married, `the married woman waits: ${JSON.stringify(texts)}`);
  assert.ok(pairs.some(has("髙橋", "高橋", "ミツ")), "the slip of the pen waits");
  assert.ok(pairs.some(has("木村", "清")), "the two numbers wait");
  for (const name of ["ひかり", "あかり", "佐藤", "和子"]) {
    assert.ok(!Object.values(texts).some((text) => text.includes(name)), `${name} is nobody else`);
  }

  // Nothing chosen, nothing written: both faults are told, and nothing is decided.
  await first.goto(town.address + married);
  await first.locator("main form button.primary").click();
  await first.waitForLoadState();
  assert.match(await first.title(), /^入力の誤り/);
  assert.equal(await first.locator("section.error li").count(), 2);
  await sound(first, "desk-pair-faulty");
  await first.locator("label:has(input[value=same])").click();
  await first.locator("textarea[name=reason]").fill("戸籍の附票で、改姓と転居をたしかめました。");
  await first.locator("main form button.primary").click();
  await first.waitForLoadState();
  assert.ok((await first.locator("main").innerText()).includes("意見を出しました"));

  // The proposer cannot answer; the other clerk can.
  await first.goto(town.address + married);
  assert.equal(await first.locator("main form").count(), 0, "the proposer has no form");
  const second = await open({ viewport: PHONE });
  await be(second, town.address, "kato-takashi");
  await second.goto(town.address + married);
  assert.ok((await second.locator("main").innerText()).includes("改姓と転居"), "the reason is read");
  await sound(second, "desk-pair-second");
  await second.locator("label:has(input[value=confirm])").click();
  await second.locator("textarea[name=reason]").fill("本人に電話でたしかめました。");
  await second.locator("main form button.primary").click();
  await second.waitForLoadState();
  assert.ok((await second.locator("main").innerText()).includes("ひとつの記録にしました"));
  await sound(second, "desk-joined");

  // Both reports are one record now, found by either number.
  const doctor = await open({ viewport: DESK });
  await be(doctor, town.address, "aoki-yoko");
  const opened = async (number) => {
    await doctor.goto(`${town.address}/people/find`);
    await doctor.locator("input[name=number]").fill(number);
    await doctor.locator("main form.find button.primary").click();
    await doctor.waitForLoadState();
    assert.match(new URL(doctor.url()).pathname, /^\/people\/[a-z0-9]+$/, `${number} opens a record`);
    await doctor.goto(`${doctor.url()}/laboratory`);
    return doctor.locator("main").innerText();
  };
  const numbers = texts[married].match(/\d{8}:\d+:\d+:\d{2}/g);
  assert.equal(numbers.length, 2, texts[married]);
  const [by_old, by_new] = [await opened(numbers[0]), await opened(numbers[1])];
  assert.equal(by_old, by_new, "either number leads to the one record");

  // Taken apart again: without a reason it stays, with one it is undone and waits once more.
  await second.goto(`${town.address}/desk/merges`);
  await second.locator("details summary").first().click();
  await second.locator("details form button").first().click();
  await second.waitForLoadState();
  assert.match(await second.title(), /^入力の誤り/);
  await second.locator("details textarea").first().fill("別の人の書類でした。");
  await second.locator("details form button").first().click();
  await second.waitForLoadState();
  assert.ok((await second.locator("main").innerText()).includes("もとのふたつに分けました"));
  await second.goto(`${town.address}/desk/merges`);
  assert.ok((await second.locator("main").innerText()).includes("もとに分けました"));
  await sound(second, "desk-merges");
});

test("the desk is closed to whoever is no clerk", async () => {
  const page = await open({ viewport: PHONE });
  await be(page, town.address, "rin");
  for (const path of ["/desk/matches", "/desk/merges"]) {
    assert.equal((await page.goto(town.address + path)).status(), 404, path);
  }
  await page.goto(`${town.address}/home`);
  assert.equal(await page.locator("main a[href='/desk/matches']").count(), 0);
});
