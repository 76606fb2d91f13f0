// Who could see a document, now and on a day before; and the supervising body tries other rules. Phone and desk, both
// languages, also without scripts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, newPage, sound } from "./browser.mjs";
import { be } from "./demo.mjs";
import { browser, main, town } from "./stage.mjs";

for (const [size, viewport, lang, scripts] of [["phone", PHONE, "ja", true], ["desk", DESK, "en", true], ["phone-noscript", PHONE, "ja", false]]) {
  test(`she looks who can see it, and who could in May: ${size}, ${lang}`, async () => {
    const page = await newPage(browser, { viewport, javaScriptEnabled: scripts });
    const seen = scripts ? (name) => sound(page, `${name}-${size}-${lang}`) : async () => {};
    await be(page, town.address, "yamada-haru");
    await page.goto(`${town.address}/settings?lang=${lang}&back=/me/sharing`);
    await page.locator("main a[href='/me/sharing/who']").click();
    await page.waitForLoadState();
    assert.ok((await main(page)).includes("みなと総合病院"), await main(page));
    await seen("could");
    await page.locator("main details > summary").first().click();
    await page.locator("#day").fill("2026-05-20");
    await page.locator("main form button.primary").click();
    await page.waitForLoadState();
    const then = await main(page);
    assert.ok(then.includes("ひだまりデイ"), "in charge since April");
    assert.ok(!then.includes("みなと総合病院"), "the hospital came in with the referral of August");
    await seen("could-then");
    // One document: from its own page.
    await page.goto(`${town.address}/me/timeline`);
    await page.locator("main a[href*='/documents/']").first().click();
    await page.waitForLoadState();
    await page.locator("main a[href*='/sharing/who?fact=']").click();
    await page.waitForLoadState();
    assert.ok((await main(page)).includes("みなと総合病院"), await main(page));
    await seen("could-document");
    await page.context().close();
  });

  test(`a supervisor tries other rules: ${size}, ${lang}`, async () => {
    const page = await newPage(browser, { viewport, javaScriptEnabled: scripts });
    const seen = scripts ? (name) => sound(page, `${name}-${size}-${lang}`) : async () => {};
    await be(page, town.address, "ito-makoto");
    await page.goto(`${town.address}/settings?lang=${lang}&back=/`);
    await page.locator("main a[href='/what-if']").click();
    await page.waitForLoadState();
    await page.locator("select[name=days]").first().selectOption("90");
    await page.locator("main form[action='/what-if'] button.primary").click();
    await page.waitForLoadState();
    assert.ok((await page.locator("main table").count()) > 0, "care offices would see less: " + (await main(page)));
    await seen("what-if");
    await page.goto(`${town.address}/what-if?file=TREAT`);
    await page.locator("#text").fill("permit (");
    await page.locator("main form[action='/what-if'] button.primary").click();
    await page.waitForLoadState();
    assert.equal(await page.locator("[role=alert]").count(), 1);
    await seen("what-if-fault");
    await page.context().close();
  });
}
