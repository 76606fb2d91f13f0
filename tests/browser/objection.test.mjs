// Calling somebody to account in a real browser: three taps to an objection, the organisation answers, the supervisor
// decides, whoever is suspended is refused at once; corrections, paper, statistics. Phone and desk, both languages, without
// scripts. Screenshots go to artefacts/.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, sound } from "./browser.mjs";
import { as, main, press, town } from "./stage.mjs";

/** Somebody at work opens Haru's record, so that there is a look. */
async function looksAt(person) {
  const page = await as(person);
  await press(page, page.locator("main a[href^='/people/']").first());
  return page;
}

/** From the start of a record to an objection, counting taps. */
async function objects(page, name) {
  let taps = 0;
  const tap = async (target) => {
    taps += 1;
    await press(page, target);
  };
  await tap(page.locator("main a[href$='/looks']").first());
  await tap(page.locator("main a[href*='/looks/']:visible", { hasText: name }).first());
  await tap(page.locator("form[action$='/objection'] button.primary"));
  assert.ok(page.url().endsWith("?done=object"), page.url());
  return taps;
}

test("she objects in three taps, the physician answers, the supervisor decides, the door heeds it at once", async () => {
  const doctor = await looksAt("aoki-yoko");
  const record = doctor.url();
  const her = await as("yamada-haru", { javaScriptEnabled: false });
  assert.ok((await objects(her, "青木")) <= 3);
  const path = new URL(her.url()).pathname;
  assert.ok((await main(her)).includes("青木"), await main(her));

  // Without scripts the physician reads it and answers; lists name nobody.
  const office = await as("aoki-yoko", { viewport: DESK, javaScriptEnabled: false });
  await press(office, office.locator("main a[href='/office/cases']"));
  assert.ok(!(await main(office)).includes("ハル"));
  await press(office, office.locator("main a[href^='/office/cases/']").first());
  assert.ok((await main(office)).includes("ハル"), "the look had told who she is");
  await press(office, office.locator("form[action$='/answer'] button.primary"));
  assert.match(await office.title(), /^入力の誤り/);
  await office.locator("textarea[name=words]").fill("紹介状の返事を書くために開きました。");
  await press(office, office.locator("form[action$='/answer'] button.primary"));
  assert.ok((await main(office)).includes("答えを送りました"));

  await her.goto(`${town.address}/me`);
  assert.ok((await main(her)).includes("審査に動きがありました"), await main(her));
  await her.goto(town.address + path);
  assert.ok((await main(her)).includes("紹介状の返事"));
  await her.locator("label:has(input[value=insist])").click();
  await her.locator("textarea[name=words]").fill("紹介状は頼んでいません。");
  await press(her, her.locator("form[action$='/reply'] button.primary"));
  assert.ok((await main(her)).includes("審査を求めました"));

  assert.equal((await doctor.goto(record)).status(), 200);
  const judge = await as("ito-makoto", { viewport: DESK, javaScriptEnabled: false });
  assert.equal(await judge.locator("form[action='/people/find']").count(), 0, "no search that is not theirs");
  assert.equal(await judge.locator("main a[href='/office/sent']").count(), 0);
  await judge.goto(`${town.address}/review/${path.split("/").at(-1)}`);
  assert.ok(!(await main(judge)).includes("ハル"));
  await judge.locator("label:has(input[value=unfit])").click();
  await judge.locator("textarea[name=reason]").fill("頼まれていない閲覧でした。");
  await judge.locator("select[name=penalty]").selectOption("days-30");
  await press(judge, judge.locator("form[action$='/judgement'] button.primary"));
  assert.ok((await main(judge)).includes("判断を保存しました"));

  // The sign-in of before.
  assert.equal((await doctor.goto(record)).status(), 403);
  assert.ok((await main(doctor)).includes("監督機関の決定"));
  await sound(doctor, "suspended");
  await press(doctor, doctor.locator("main a[href='/office/cases?all=1']"));
  await press(doctor, doctor.locator("main a[href^='/office/cases/']").first());
  assert.ok((await main(doctor)).includes("30日の停止"));
  await sound(doctor, "office-judged");

  const seen = await as("yamada-haru");
  await seen.goto(town.address + path);
  assert.ok((await main(seen)).includes("頼まれていない閲覧でした"));
  await sound(seen, "case-judged");
  const again = await as("ito-makoto");
  await again.goto(`${town.address}/review?closed=1`);
  await sound(again, "review-closed");
  await again.goto(`${town.address}/review/${path.split("/").at(-1)}`);
  await sound(again, "review-suspended");
  await again.locator("textarea[name=reason]").fill("研修を終えた。");
  await press(again, again.locator("form[action$='/lift'] button"));
  assert.equal((await doctor.goto(record)).status(), 200, "lifted is lifted");
});

// Another looker each time: what one person did on one day is one line of the list, and is called to account once.
const LOOKERS = { "phone-ja": ["takahashi-kumi", "髙橋"], "phone-en": ["rin", "リン"], "desk-ja": ["endo-ryo", "遠藤"], "desk-en": ["sasaki-ken", "佐々木"] };

for (const [name, viewport] of [["phone", PHONE], ["desk", DESK]]) {
  for (const lang of ["ja", "en"]) {
    const [looker, called] = LOOKERS[`${name}-${lang}`];
    test(`a daughter objects for her mother, every page sound, ${name}, ${lang}`, async () => {
      await looksAt(looker);
      const page = await as("yamada-megumi", { viewport });
      if (!/\/people\/[^/]+$/.test(page.url())) await press(page, page.locator("main a[href^='/people/']").first());
      await page.goto(`${town.address}/settings?lang=${lang}&back=${new URL(page.url()).pathname}`);
      const base = new URL(page.url()).pathname;
      await press(page, page.locator("main a[href$='/looks']").first());
      await press(page, page.locator("main a[href*='/looks/']:visible", { hasText: called }).first());
      await sound(page, `objection-look-${lang}-${name}`);
      await page.goBack();
      await page.goto(town.address + base);
      assert.ok((await objects(page, called)) <= 3);
      await sound(page, `case-own-${lang}-${name}`);
      const id = new URL(page.url()).pathname.split("/").at(-1);
      await page.goto(`${town.address}${base}/cases`);
      await sound(page, `cases-${lang}-${name}`);

      const office = await as(looker, { viewport });
      await office.goto(`${town.address}/settings?lang=${lang}&back=/office/cases`);
      await office.goto(`${town.address}/office/cases`);
      await sound(office, `office-cases-${lang}-${name}`);
      await office.goto(`${town.address}/office/cases/${id}`);
      await sound(office, `office-case-${lang}-${name}`);
      await office.locator("textarea[name=words]").fill("ケアプランを作るために開きました。");
      await press(office, office.locator("form[action$='/answer'] button.primary"));
      await sound(office, `office-answered-${lang}-${name}`);

      await page.goto(`${town.address}${base}/cases/${id}`);
      await press(page, page.locator("form[action$='/reply'] button.primary"));
      await sound(page, `case-faulty-${lang}-${name}`);
      await page.locator("label:has(input[value=accept])").click();
      await press(page, page.locator("form[action$='/reply'] button.primary"));
      await sound(page, `case-settled-${lang}-${name}`);

      const judge = await as("ito-makoto", { viewport });
      await judge.goto(`${town.address}/settings?lang=${lang}&back=/`);
      await judge.goto(`${town.address}/home`);
      await sound(judge, `watch-home-${lang}-${name}`);
      await judge.goto(`${town.address}/review`);
      await sound(judge, `review-open-${lang}-${name}`);
      await judge.goto(`${town.address}/statistics`);
      await sound(judge, `statistics-${lang}-${name}`);
    });
  }
}

test("she asks for a correction; her words stand beside the document for whoever may read it", async () => {
  const her = await as("yamada-haru");
  await her.goto(`${town.address}/me/timeline`);
  await press(her, her.locator("main a[href*='/documents/']").first());
  const document = new URL(her.url()).pathname;
  await her.locator("main summary").last().click();
  await sound(her, "correction-form");
  await press(her, her.locator("form[action$='/correction'] button.primary"));
  assert.match(await her.title(), /^入力の誤り/);
  await her.locator("textarea[name=words]").fill("入院の日は4日です。");
  await press(her, her.locator("form[action$='/correction'] button.primary"));
  assert.ok((await main(her)).includes("訂正を求めました"));
  await sound(her, "correction-asked");
  await her.goto(town.address + document);
  assert.ok((await main(her)).includes("入院の日は4日です"));
  await sound(her, "correction-note");
});

test("a clerk takes an objection down from paper, without seeing the log", async () => {
  await looksAt("mori-yumi");
  const page = await as("kawaguchi-toru");
  const link = page.locator("main a[href='/desk/objections']");
  assert.equal(await link.count(), 1);
  await press(page, link);
  await sound(page, "paper");
  await press(page, page.locator("main form button.primary"));
  assert.match(await page.title(), /^入力の誤り/);
  await sound(page, "paper-faulty");
});
