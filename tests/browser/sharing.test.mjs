// What the citizen decides, in a real browser: a restriction in four steps with its preview, what the day care then sees,
// the way back; her daughter by mandate; the rules for everybody. Phone and desk, both languages, also without scripts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, newPage, sound } from "./browser.mjs";
import { as, browser, main, town } from "./stage.mjs";

/** What the day care's worker reads about her medicines. */
async function medicinesOfTheOffice() {
  const page = await as("rin");
  await page.goto(`${town.address}/home`);
  await page.locator("main a[href^='/people/']").first().click();
  await page.waitForLoadState();
  await page.goto(`${page.url()}/medicines`);
  const text = await main(page);
  await page.context().close();
  return text;
}

for (const [size, viewport, lang, scripts] of [["phone", PHONE, "ja", true], ["desk", DESK, "en", true], ["phone-noscript", PHONE, "ja", false]]) {
  test(`she hides her medicines from the day care and shows them again: ${size}, ${lang}`, async () => {
    assert.ok((await medicinesOfTheOffice()).includes("アピキサバン"), "before");
    const page = await as("yamada-haru", { viewport, javaScriptEnabled: scripts }, lang);
    const seen = scripts ? (name) => sound(page, `${name}-${size}-${lang}`) : async () => {};
    await page.goto(`${town.address}/me`);
    await page.locator("main a[href='/me/sharing']").first().click();
    await page.waitForLoadState();
    await seen("sharing");
    await page.locator("main a[href='/me/sharing/new']").click();
    await page.waitForLoadState();
    // Nothing chosen: the page says so and stays.
    await page.locator("main form button.primary").click();
    await page.waitForLoadState();
    assert.equal(await page.locator("[role=alert]").count(), 1);
    await page.locator("input[name=what][value=categories]").check({ force: true });
    await page.locator("input[name=category][value=medication]").check({ force: true });
    await seen("restrict-what");
    await page.locator("main form button.primary").click();
    await page.waitForLoadState();
    await page.locator("label.pick", { hasText: /^ひだまりデイ$/ }).first().locator("input").check({ force: true });
    await seen("restrict-whom");
    await page.locator("main form button.primary").click();
    await page.waitForLoadState();
    await page.locator("input[name=long][value=always]").check({ force: true });
    await page.locator("input[name=emergency][value=yes]").check({ force: true });
    await seen("restrict-long");
    await page.locator("main form button.primary").click();
    await page.waitForLoadState();
    const preview = await main(page);
    assert.ok(preview.includes(lang === "ja" ? "こう見えます" : "would see"), preview);
    assert.ok(/(ほかの\d+件は見えません|\d+ more not shown)/.test(preview), preview);
    await seen("restrict-check");
    // A step back keeps every answer.
    await page.locator("main .facts a.go").first().click();
    await page.waitForLoadState();
    assert.ok(await page.locator("input[name=category][value=medication]").isChecked());
    await page.goBack();
    await page.locator("main form button.primary").click();
    await page.waitForLoadState();
    assert.ok(page.url().endsWith("done=set"), page.url());
    await seen("sharing-set");
    assert.ok(!(await medicinesOfTheOffice()).includes("アピキサバン"), "hidden");
    await page.locator("main form[action$='/lift'] button").first().click();
    await page.waitForLoadState();
    assert.ok(page.url().endsWith("done=lifted"), page.url());
    assert.ok((await medicinesOfTheOffice()).includes("アピキサバン"), "shown again");
    await page.context().close();
  });
}

test("from the start of her daughter's page to a restriction's first step in three taps", async () => {
  const page = await as("yamada-megumi", { viewport: PHONE });
  if (!/\/people\/[^/]+$/.test(page.url())) await page.locator("main a[href^='/people/']").first().click();
  await page.waitForLoadState();
  await page.locator("main a[href$='/sharing']").first().click();
  await page.waitForLoadState();
  await page.locator("main a[href$='/sharing/new']").click();
  await page.waitForLoadState();
  assert.ok((await main(page)).includes("何を見せないようにしますか"));
  await page.goto(page.url().replace(/\/sharing\/new.*/, "/mandates"));
  assert.equal(await page.locator("input[name=number]").count(), 0, "a proxy names nobody");
  await sound(page, "daughter-mandates");
});

test("a name that does not fit its number is one answer, and the form keeps what was typed", async () => {
  const page = await as("yamada-haru", { viewport: PHONE });
  await page.goto(`${town.address}/me/mandates`);
  await sound(page, "mandates");
  await page.locator("input[name=number]").fill("kobayashi-shigeru");
  await page.locator("input[name=name]").fill("<script>alert(1)</script>");
  await page.locator("input[name=relation]").fill("友人");
  await page.locator("input[name=extent][value=all]").check({ force: true });
  await page.locator("main form button.primary").click();
  await page.waitForLoadState();
  assert.ok((await main(page)).includes("この番号と名前の人が見つかりません"));
  assert.equal(await page.locator("input[name=name]").inputValue(), "<script>alert(1)</script>");
  await sound(page, "mandates-faulty");
});

for (const lang of ["ja", "en"]) {
  test(`the rules are there for everybody, ${lang}`, async () => {
    const page = await newPage(browser, { viewport: PHONE });
    await page.goto(`${town.address}/settings?lang=${lang}&back=/rules`);
    await page.goto(`${town.address}/rules`);
    assert.ok((await main(page)).includes(lang === "ja" ? "入院・通院先の医師" : "a physician where the person is treated"));
    await sound(page, `rules-${lang}`);
    await page.locator("main a.button[href^='/rules?profile=']").click();
    await page.waitForLoadState();
    await page.locator("main summary").first().click();
    assert.ok((await page.locator("main pre").first().innerText()).startsWith("@id"), "the rule's own text");
    await sound(page, `rules-other-${lang}`);
  });
}
