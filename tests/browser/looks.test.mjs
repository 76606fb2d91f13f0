// The log in her hand, in a real browser: from the start page to one look in two taps, searched by name, saved as a table;
// the supervisor's queue tells an odd look's reasons. Phone and desk, both languages, also without scripts.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DESK, PHONE, newPage, sound } from "./browser.mjs";
import { be } from "./demo.mjs";
import { as, browser, main, press, town } from "./stage.mjs";

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

/** The letters that came, each as its text; a development folder keeps them as files. */
function letters() {
  const folder = join(town.folder, "data", "letters");
  const read = (name) => readFileSync(join(folder, name), "utf8");
  const text = (letter) => Buffer.from(letter.split("\r\n\r\n").slice(1).join(""), "base64").toString("utf8");
  return existsSync(folder) ? readdirSync(folder).map(read).map((letter) => ({ letter, text: text(letter) })) : [];
}

/** Waits for a letter to this address that `fits`. */
async function letter(address, fits) {
  for (let i = 0; i < 100; i += 1) {
    const found = letters().find((one) => one.letter.includes(`To: ${address}`) && fits(one.text));
    if (found) return found.text;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.fail(`no letter came to ${address}`);
}

for (const [size, viewport, lang, scripts] of [["phone", PHONE, "ja", true], ["desk", DESK, "en", true], ["phone-noscript", PHONE, "ja", false]]) {
  test(`she is told by mail that somebody looked: ${size}, ${lang}`, async () => {
    const address = `haru-${size}@example.jp`;
    const page = await newPage(browser, { viewport, javaScriptEnabled: scripts });
    const seen = scripts ? (name) => sound(page, `letters-${name}-${size}-${lang}`) : async () => {};
    await be(page, town.address, "yamada-haru");
    await page.goto(`${town.address}/settings?lang=${lang}&back=/me/notices`);
    await page.locator("#address").fill("haru");
    await press(page, page.locator("form:has(#address) button"));
    assert.match(await page.title(), lang === "ja" ? /^入力の誤り/ : /^Input error/);
    await seen("faulty");
    await page.locator("#address").fill(address);
    await press(page, page.locator("form:has(#address) button"));
    assert.ok(page.url().endsWith("?done=named#letters"), page.url());
    await seen("named");
    const code = /: (\d{6})\s/.exec(await letter(address, (text) => /\d{6}/.test(text)))[1];
    await page.locator("input[name=code]").fill(code);
    await press(page, page.locator("form:has(input[name=code]) button"));
    assert.ok((await main(page)).includes(address), await main(page));
    await seen("confirmed");

    const crew = await as("sasaki-ken", { viewport }, "ja");
    await press(crew, crew.locator("main a[href^='/people/']").first());
    await crew.context().close();
    const told = await letter(address, (text) => !/\d{6}/.test(text));
    assert.ok(told.includes("新しいお知らせ") && !told.includes("山田") && !told.includes("佐々木") && !told.includes("消防"), told);

    await press(page, page.locator("form:has(input[value=remove]) button").first());
    assert.ok(!(await main(page)).includes(address), await main(page));
    await page.context().close();
  });
}
