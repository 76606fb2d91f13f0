// Taking the record along, in a real browser: a file on paper and one for systems, a sealed one with its password, a link for
// fifteen minutes that somebody without an account opens. Phone and desk, both languages, also without scripts.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DESK, PHONE, artefacts, newPage, sound } from "./browser.mjs";
import { as, browser, main, town } from "./stage.mjs";

/** Who looked, with what is folded away opened. */
async function log(page) {
  await page.goto(`${town.address}/me/looks`);
  // Each that opens is no longer among them.
  for (const folded = page.locator("main details:not([open]) > summary"); (await folded.count()) > 0; ) await folded.first().click();
  return main(page);
}

/** Presses the button that gives a file; the file's bytes and name. */
async function taken(page) {
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("main form[action$='/take'] button.primary").click()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

for (const [size, viewport, lang, scripts] of [["phone", PHONE, "ja", true], ["desk", DESK, "en", true], ["phone-noscript", PHONE, "ja", false]]) {
  const seen = (page) => (scripts ? (name) => sound(page, `${name}-${size}-${lang}`) : async () => {});

  test(`she takes files along: ${size}, ${lang}`, async () => {
    const page = await as("yamada-haru", { viewport, javaScriptEnabled: scripts }, lang);
    await page.goto(`${town.address}/me`);
    await page.locator("main a[href='/me/take']").first().click();
    await page.waitForLoadState();
    await seen(page)("take");
    const paper = await taken(page);
    assert.equal(paper.name, "tsumugi-record.pdf");
    assert.equal(paper.bytes.subarray(0, 8).toString(), "%PDF-1.7");
    mkdirSync(artefacts, { recursive: true });
    writeFileSync(join(artefacts, `take-${size}-${lang}.pdf`), paper.bytes);
    await page.locator("input[name=form][value=fhir]").check({ force: true });
    const file = JSON.parse((await taken(page)).bytes);
    assert.deepEqual([file.resourceType, file.type], ["Bundle", "document"]);
    assert.ok(JSON.stringify(file).includes("アピキサバン"), "her medicines");
    // A part without saying which: the page says so and keeps the answers.
    await page.locator("input[name=what][value=part]").check({ force: true });
    await page.locator("main form[action$='/take'] button.primary").click();
    await page.waitForLoadState();
    assert.equal(await page.locator("[role=alert]").count(), 1);
    await page.locator("input[name=category][value=medication]").check({ force: true });
    await seen(page)("take-part");
    const part = JSON.parse((await taken(page)).bytes);
    assert.ok(part.entry.every(({ resource }) => /^(Patient|Medication|Organization|Practitioner|Location|Device|Specimen)/.test(resource.resourceType)));
    // Sealed: first the password, then the file.
    await page.locator("input[name=lock][value=yes]").check({ force: true });
    await page.locator("main form[action$='/take'] button.primary").click();
    await page.waitForLoadState();
    const password = await page.locator("main .glance b").innerText();
    assert.match(password, /^(\d{4}-){4}\d{4}$/);
    await seen(page)("take-password");
    const sealed = await taken(page);
    assert.equal(sealed.name, "tsumugi-record.zip");
    assert.ok(!sealed.bytes.includes("アピキサバン"));
    assert.ok((await log(page)).includes(lang === "ja" ? "持ち出し" : "Taken along"));
    await page.context().close();
  });

  test(`she shows a doctor her summary for fifteen minutes: ${size}, ${lang}`, async () => {
    const page = await as("yamada-haru", { viewport, javaScriptEnabled: scripts }, lang);
    await page.goto(`${town.address}/me/take`);
    await page.locator("main form[action$='/take/link'] button").click();
    await page.waitForLoadState();
    await page.locator("main summary").nth(0).click();
    await page.locator("main summary").nth(1).click();
    assert.equal(await page.locator("figure.qr svg").count(), 1);
    await seen(page)("take-link");
    const pin = await page.locator("main .glance b").innerText();
    const address = await page.locator("main code.long").innerText();
    // The doctor's own browser, without an account.
    const other = await newPage(browser, { viewport, javaScriptEnabled: scripts });
    await other.goto(`${town.address}/settings?lang=${lang}&back=/link`);
    await other.goto(scripts ? address : `${town.address}/link`);
    if (scripts) {
      await other.waitForFunction(() => document.querySelector("#code").value !== "");
      assert.match(await other.locator("#code").inputValue(), /^shlink:\//);
      assert.ok(!other.url().includes("shlink"), "the link has left the address");
      // A page that is open already: the camera's address only changes what follows #.
    } else {
      await other.locator("#code").fill(address);
    }
    await seen(other)("link");
    await other.locator("#pin").fill("x");
    await other.locator("#by").fill("田中 一郎 (Example Clinic)");
    await other.locator("main form button.primary").click();
    await other.waitForLoadState();
    assert.ok((await main(other)).includes(lang === "ja" ? "あと4回" : "4 tries"), await main(other));
    await seen(other)("link-wrong-pin");
    await other.locator("#pin").fill(pin);
    await other.locator("main form button.primary").click();
    await other.waitForLoadState();
    const summary = await main(other);
    assert.ok(summary.includes("アピキサバン") && summary.includes("山田"), summary);
    await seen(other)("link-shown");
    await other.context().close();
    await page.goto(`${town.address}/me/take`);
    assert.ok((await main(page)).includes("田中 一郎 (Example Clinic)"));
    await seen(page)("take-opened");
    assert.ok((await log(page)).includes("田中 一郎 (Example Clinic)"));
    // Another one, ended before anybody came.
    await page.goto(`${town.address}/me/take`);
    await page.locator("main form[action$='/take/link'] button").click();
    await page.waitForLoadState();
    await page.locator("main form[action$='/end'] button").click();
    await page.waitForLoadState();
    assert.ok(page.url().endsWith("done=ended"), page.url());
    await page.context().close();
  });
}

test("the paper can be read by a program for people who do not see", async () => {
  const text = execFileSync("pdftotext", ["-layout", join(artefacts, "take-phone-ja.pdf"), "-"], { encoding: "utf8" });
  for (const words of ["山田 ハル", "昭和23年", "アピキサバン", "アレルギー", "1/"]) assert.ok(text.includes(words), `${words} in ${text}`);
});

test("from her daughter's start to a file in two taps", async () => {
  const page = await as("yamada-megumi", { viewport: PHONE });
  if (!/\/people\/[^/]+$/.test(page.url())) await page.locator("main a[href^='/people/']").first().click();
  await page.waitForLoadState();
  await page.locator("main a[href$='/take']").first().click();
  await page.waitForLoadState();
  await sound(page, "daughter-take");
  assert.equal((await taken(page)).name, "tsumugi-record.pdf");
});
