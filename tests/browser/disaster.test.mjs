// The disaster mode in a real browser: two supervisors open it, everybody reads of it, a crew finds somebody by name, she is told,
// it is closed and nothing opens any more; she carries a summary that is read without a network. Phone and desk, both languages.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { DESK, PHONE, newPage, sound } from "./browser.mjs";
import { run } from "./demo.mjs";
import { as, browser, main, press, town } from "./stage.mjs";

/** Some days from now, in Japan, as a form's field takes it. */
const inDays = (days) => new Date(Date.now() + (9 + 24 * days) * 3_600_000).toISOString().slice(0, 16);

/** Proposes an opening for the city, and lets the second of the body confirm it. */
async function open(options, lang, name) {
  const first = await as("ito-makoto", options, lang);
  await first.goto(`${town.address}/home`);
  await press(first, first.locator("a[href='/review/disaster']"));
  await sound(first, `disaster-desk-empty-${name}`);
  await press(first, first.locator("form[action='/review/disaster'] button"));
  assert.match(await first.title(), lang === "ja" ? /^入力の誤り/ : /^Input error/);
  await sound(first, `disaster-desk-faulty-${name}`);
  await first.locator("#place").fill("綾野県 紬市");
  await first.locator("#areas").fill("49201");
  await first.locator("#reason").fill("大きな地震があった");
  await first.locator("#until").fill(inDays(3));
  await press(first, first.locator("form[action='/review/disaster'] button"));
  assert.equal(await first.locator("input[value=confirm]").count(), 0, "whoever proposed it does not confirm it");
  await sound(first, `disaster-desk-proposed-${name}`);
  const second = await as("ueda-kyoko", options, lang);
  await second.goto(`${town.address}/review/disaster`);
  await press(second, second.locator("form:has(input[value=confirm]) button"));
  await sound(second, `disaster-desk-open-${name}`);
  return { first, second };
}

async function close(page) {
  await page.goto(`${town.address}/review/disaster`);
  const form = page.locator("form:has(input[value=close])").first();
  await page.locator("details:has(input[value=close]) summary").first().click();
  await form.locator("textarea").fill("避難所を閉じた");
  await press(page, form.locator("button"));
}

async function type(page, given) {
  await page.locator("#family").fill("山田");
  await page.locator("#given").fill(given);
  await page.locator("#birth").fill("昭和23年3月5日");
  await page.locator("label:has(input[value=female])").click();
  await press(page, page.locator("form[action='/disaster/find'] button"));
}

for (const [device, viewport] of [["phone", PHONE], ["desk", DESK]]) {
  for (const lang of ["ja", "en"]) {
    test(`opened by two, found by name, told, closed: ${device}, ${lang}`, async () => {
      const name = `${lang}-${device}`;
      const options = { viewport };
      const crew = await as("sasaki-ken", options, lang);
      await crew.goto(`${town.address}/disaster/find`);
      assert.ok((await main(crew)).includes(lang === "ja" ? "いま使えません" : "has ended"), await main(crew));
      await sound(crew, `disaster-not-open-${name}`);
      const { first, second } = await open(options, lang, name);

      const anybody = await newPage(browser, options);
      await anybody.goto(`${town.address}/settings?lang=${lang}&back=/sign-in`);
      assert.ok((await main(anybody)).includes("綾野県 紬市"), "the first page says so");
      await press(anybody, anybody.locator("#disaster ~ p a[href='/disaster'], section:has(#disaster) a[href='/disaster']").first());
      await sound(anybody, `disaster-public-${name}`);
      for (const easy of lang === "ja" ? ["ja-easy"] : []) {
        await anybody.goto(`${town.address}/settings?lang=${easy}&back=/disaster`);
        await sound(anybody, `disaster-public-${easy}-${device}`);
      }

      await crew.goto(`${town.address}/home`);
      await sound(crew, `disaster-crew-${name}`);
      await press(crew, crew.locator("a.primary[href='/disaster/find']"));
      await type(crew, "ハナ");
      assert.equal(await crew.locator("#outcome").count(), 1, "nobody is told as nobody");
      await sound(crew, `disaster-nobody-${name}`);
      await type(crew, "ハル");
      const base = new URL(crew.url()).pathname;
      assert.match(base, /^\/people\//);
      const seen = await main(crew);
      assert.ok(seen.includes("ペニシリン"), seen);
      assert.equal(await crew.locator("nav.sections a[href$='/laboratory']").count(), 0, "the smallest view");
      await sound(crew, `disaster-found-${name}`);

      const her = await as("yamada-haru", options, lang);
      await her.goto(`${town.address}/me`);
      const told = await main(her);
      assert.ok(told.includes(lang === "ja" ? "災害時モードで、あなたを名前でさがした人" : "in the disaster mode"), told);
      await sound(her, `disaster-told-${name}`);
      await press(her, her.locator("main section:has(#news) a.primary"));
      assert.ok((await main(her)).includes("綾野県 紬市"));
      await sound(her, `disaster-look-${name}`);

      await close(second);
      await sound(second, `disaster-desk-closed-${name}`);
      await crew.goto(town.address + base);
      assert.ok(!(await main(crew)).includes("ペニシリン"), "closed is closed");
      await sound(crew, `disaster-over-${name}`);
      await anybody.goto(`${town.address}/disaster`);
      assert.ok((await main(anybody)).includes("避難所を閉じた"), "it stays");
      for (const page of [crew, her, anybody, first, second]) await page.context().close();
    });
  }
}

test("she carries a summary that is read and told without a network", async () => {
  const her = await as("yamada-haru", { viewport: PHONE });
  await her.goto(`${town.address}/me/take`);
  await press(her, her.locator("form[action$='/take/emergency'] button[value=page]"));
  const note = await her.locator("main pre").textContent();
  assert.ok(note.startsWith("tsumugi-emergency-summary/1\n") && note.includes("ペニシリン"), note);
  await sound(her, "carried-summary");

  // The reader is a file of its own, opened without any server.
  const folder = mkdtempSync(join(tmpdir(), "tsumugi-reader-"));
  const [reader, summary] = [join(folder, "reader.html"), join(folder, "summary.txt")];
  const html = await (await fetch(`${town.address}/emergency/reader`)).text();
  const key = (await (await fetch(`${town.address}/emergency/key`)).text()).trim();
  writeFileSync(reader, html);
  writeFileSync(summary, note);
  const offline = await newPage(browser, { viewport: PHONE, acceptDownloads: true });
  await offline.context().setOffline(true);
  await offline.goto(`file://${reader}`);
  await offline.locator("#text").fill(note);
  await offline.locator("#who").fill("森 由美");
  await offline.locator("#reason").fill("停電の避難所で");
  const [receipt] = await Promise.all([offline.waitForEvent("download"), offline.locator("#read").click()]);
  const shown = await offline.locator("#result").innerText();
  assert.ok(shown.includes("署名は正しい") && shown.includes("ペニシリン"), shown);
  await sound(offline, "carried-read-offline");
  await offline.locator("#text").fill(note.replace("ペニシリン", "なし"));
  await offline.locator("#read").click();
  await offline.locator("#result.bad").waitFor();
  assert.ok(!(await offline.locator("#result").innerText()).includes("なし\n"));

  const verdict = run("verify", "--key", key, "--english", summary);
  assert.equal(verdict.status, 0, verdict.said);
  assert.ok(verdict.said.includes("the signature holds"), verdict.said);
  writeFileSync(summary, note.replace("ペニシリン", "なし"));
  assert.equal(run("verify", "--key", key, summary).status, 3);

  const nurse = await as("okada-chihiro", { viewport: PHONE });
  await nurse.goto(`${town.address}/disaster/receipts`);
  await nurse.locator("#text").fill(readFileSync(await receipt.path(), "utf8"));
  await press(nurse, nurse.locator("form[action='/disaster/receipts'] button"));
  assert.ok((await main(nurse)).includes("届けました"), await main(nurse));
  await sound(nurse, "carried-told");
  await her.goto(`${town.address}/me/looks`);
  const links = await her.locator("main a[href^='/me/looks/']").evaluateAll((all) => all.map((each) => each.getAttribute("href")));
  const numbers = links.flatMap((href) => /\/me\/looks\/(\d+)$/.exec(href)?.slice(1).map(Number) ?? []).sort((a, b) => b - a);
  let told = "";
  for (const number of numbers.slice(0, 12)) {
    await her.goto(`${town.address}/me/looks/${number}`);
    told = await main(her);
    if (told.includes("岡田")) break;
  }
  assert.ok(told.includes("岡田") && told.includes("電波のないところで見た"), told);
  await sound(her, "carried-look");
});
