// Breaking the glass in a real browser: the physician types why, she is told, the supervisor judges; phone and desk, both
// languages. Screenshots go to artefacts/.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, sound } from "./browser.mjs";
import { be } from "./demo.mjs";
import { main, open, press, town } from "./stage.mjs";

const REASON = "意識がなく、使っている薬がわからない";

/** The physician on her first page. */
async function physician(page) {
  await be(page, town.address, "okada-chihiro");
  await page.goto(`${town.address}/home`);
  await press(page, page.locator("main a[href^='/people/']").first());
  return new URL(page.url()).pathname;
}

for (const [name, viewport] of [["phone", PHONE], ["desk", DESK]]) {
  for (const lang of ["ja", "en"]) {
    test(`every step of an emergency, ${name}, ${lang}`, async () => {
      const page = await open({ viewport, javaScriptEnabled: true });
      const base = await physician(page);
      await page.goto(`${town.address}/settings?lang=${lang}&back=${base}`);
      await press(page, page.locator("main a[href$='/break-glass']"));
      await sound(page, `glass-ask-${lang}-${name}`);

      // Nothing typed: told, and led to the field.
      await press(page, page.locator("main form button.primary"));
      assert.match(await page.title(), lang === "ja" ? /^入力の誤り/ : /^Input error/);
      await sound(page, `glass-faulty-${lang}-${name}`);
      await page.locator("main section.error a").click();
      assert.equal(await page.evaluate(() => document.activeElement.id), "reason");
      await page.locator("textarea[name=reason]").fill(REASON);
      await press(page, page.locator("main form button.primary"));

      assert.equal(new URL(page.url()).pathname, base);
      const first = await main(page);
      assert.ok(first.includes(REASON) && first.includes("ペニシリン"), first);
      assert.equal(await page.locator("nav.sections a[href$='/laboratory']").count(), 0, "the smallest view first");
      await sound(page, `glass-first-${lang}-${name}`);
      await press(page, page.locator("form[action$='/break-glass/whole'] button"));
      await press(page, page.locator("nav.sections a[href$='/laboratory']"));
      assert.ok((await main(page)).includes("HbA1c"), "the rest after the second step");
      await page.goto(town.address + base);
      await sound(page, `glass-whole-${lang}-${name}`);
      await press(page, page.locator("form[action$='/break-glass/end'] button"));
      assert.ok(!(await main(page)).includes(REASON), "it ends when it is ended");
      assert.equal(await page.locator("main a[href$='/break-glass']").count(), 1);
    });
  }
}

test("she is told, reads the reason, and says what she wants to be told", async () => {
  const page = await open({ viewport: PHONE });
  await be(page, town.address, "yamada-haru");
  await page.goto(`${town.address}/me`);
  assert.ok((await main(page)).includes("理由を書いて見た人がいます"));
  await sound(page, "glass-told");
  await press(page, page.locator("main .banner a.primary"));
  const look = await main(page);
  assert.ok(look.includes(REASON) && look.includes("審査する人にも知らせました"), look);
  await sound(page, "glass-look");
  for (const lang of ["en", "ja"]) {
    await page.goto(`${town.address}/settings?lang=${lang}&back=/me/notices`);
    await sound(page, `notices-${lang}`);
  }
  await press(page, page.locator("form[action$='/notices/read'] button"));
  assert.ok((await main(page)).includes("お知らせは0件です"));
  await page.locator("label:has(input[value=emergencies])").click();
  await press(page, page.locator("form[action$='/notices/choice'] button"));
  assert.equal(await page.locator("input[value=emergencies]").isChecked(), true);
  await sound(page, "notices-chosen");
  await page.goto(`${town.address}/me`);
  assert.equal(await page.locator("#news").count(), 0, "read is read");
});

test("the supervisor judges without a name, names her by a step of its own, and she reads how it ended", async () => {
  const page = await open({ viewport: DESK });
  await be(page, town.address, "ito-makoto");
  await page.goto(`${town.address}/home`);
  await press(page, page.locator("main a[href='/review']"));
  const queue = await main(page);
  assert.ok(queue.includes("岡田") && !queue.includes("ハル"), queue);
  await sound(page, "review-queue");
  await press(page, page.locator("main a[href^='/review/']").first());
  const path = new URL(page.url()).pathname;
  const unnamed = await main(page);
  assert.ok(unnamed.includes(REASON) && !unnamed.includes("ハル"), unnamed);
  await sound(page, "review-case");
  await press(page, page.locator("form[action$='/name'] button"));
  assert.ok((await main(page)).includes("ハル"));
  await sound(page, "review-named");
  await press(page, page.locator("form[action$='/judgement'] button.primary"));
  assert.match(await page.title(), /^入力の誤り/);
  assert.equal(await page.locator("section.error li").count(), 2);
  await sound(page, "review-faulty");
  await page.locator("label:has(input[value=fine])").click();
  await page.locator("textarea[name=reason]").fill("救急の記録と合っています。");
  await press(page, page.locator("form[action$='/judgement'] button.primary"));
  assert.ok((await main(page)).includes("判断を保存しました"));
  const phone = await open({ viewport: PHONE });
  await be(phone, town.address, "ito-makoto");
  await phone.goto(`${town.address}/settings?lang=en&back=/review`);
  await sound(phone, "review-queue-en-phone");
  await phone.goto(town.address + path);
  await sound(phone, "review-case-en-phone");

  const her = await open({ viewport: PHONE });
  await be(her, town.address, "yamada-haru");
  await her.goto(`${town.address}/me/looks?purpose=BTG`);
  const texts = [];
  for (const link of await her.locator("main a.go[href^='/me/looks/']").evaluateAll((all) => all.map((one) => one.getAttribute("href")))) {
    await her.goto(town.address + link);
    texts.push(await main(her));
  }
  assert.ok(texts.some((text) => text.includes("問題はないと決まりました")), texts.join("\n"));
  assert.ok(!texts.some((text) => text.includes("救急の記録と合っています")), "supervisors' words are theirs");
  await her.goto(`${town.address}/me/looks?purpose=HOPERAT`);
  await her.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));
  assert.ok((await main(her)).includes("伊藤"), "the supervisor's looks are in her log");
});

test("cases are closed to everybody else", async () => {
  const page = await open({ viewport: PHONE });
  for (const person of ["okada-chihiro", "rin"]) {
    await be(page, town.address, person);
    assert.equal((await page.goto(`${town.address}/review`)).status(), 404, person);
    await page.goto(`${town.address}/home`);
    assert.equal(await page.locator("main a[href='/review']").count(), 0);
  }
});
