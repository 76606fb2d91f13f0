// The log in her hand, in a real browser: from the start page to one look in two taps, searched by name, saved as a table;
// the supervisor's queue tells an odd look's reasons. Phone and desk, both languages, also without scripts.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DESK, PHONE, newPage, sound } from "./browser.mjs";
import { be } from "./demo.mjs";
import { browser, main, press, town } from "./stage.mjs";

for (const [size, viewport, lang, scripts] of [
  ["phone", PHONE, "ja", true],
  ["phone", PHONE, "en", true],
  ["desk", DESK, "ja", true],
  ["desk", DESK, "en", true],
  ["phone-noscript", PHONE, "ja", false],
]) {
  test(`she finds a look by name and saves what she found: ${size}, ${lang}`, async () => {
    const page = await newPage(browser, { viewport, javaScriptEnabled: scripts, acceptDownloads: true });
    await be(page, town.address, "yamada-haru");
    await page.goto(`${town.address}/settings?lang=${lang}&back=/me`);
    const seen = scripts ? (name) => sound(page, `${name}-${size}-${lang}`) : async () => {};
    // The first tap: who looked. The second: one look, on whose page the next one is.
    await press(page, page.locator("main a[href='/me/looks']").first());
    await seen("looks");
    const total = await page.locator("main .look").count();
    assert.ok(total > 0);

    await page.locator("main details summary").first().click();
    await page.locator("input[name=text]").fill("みなと");
    await seen("looks-search");
    await press(page, page.locator("main form button.primary"));
    assert.ok(page.url().includes("text="), page.url());
    const text = await main(page);
    assert.ok(text.includes("みなと総合病院") && !text.includes("ひだまりデイ"), text);
    await seen("looks-found");

    // The table holds what was found.
    const [file] = await Promise.all([page.waitForEvent("download"), page.locator("main a[href*='/looks/csv']").click()]);
    const table = readFileSync(await file.path(), "utf8");
    assert.ok(table.startsWith("\ufeff") && table.includes("みなと総合病院") && !table.includes("ひだまりデイ"), table.slice(0, 400));

    // Several looks of one place are folded into one card.
    const first = page.locator("main a.go").first();
    if (!(await first.isVisible())) await page.locator("main .card details summary").first().click();
    await press(page, first);
    assert.ok(/\/me\/looks\/\d+$/.test(new URL(page.url()).pathname), page.url());
    await seen("look");

    // Nobody of that name.
    await page.goto(`${town.address}/me/looks?text=${encodeURIComponent("いない人")}`);
    assert.equal(await page.locator("main .look").count(), 0);
    await seen("looks-none");
    await page.context().close();
  });
}

test("automatic look-ups and assistants are chosen apart", async () => {
  const page = await newPage(browser, { viewport: PHONE });
  await be(page, town.address, "yamada-haru");
  for (const [by, some] of [["person", true], ["assistant", false], ["automatic", false]]) {
    await page.goto(`${town.address}/me/looks`);
    await page.locator("main details summary").first().click();
    await page.locator("select[name=by]").selectOption(by);
    await press(page, page.locator("main form button.primary"));
    assert.equal(await page.locator("select[name=by]").inputValue(), by);
    assert.equal((await page.locator("main .look").count()) > 0, some, `${by}: ${await main(page)}`);
  }
  await page.context().close();
});
