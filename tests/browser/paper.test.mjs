// Papers at the city hall in a real browser: one clerk takes down that somebody may act for Haru, another confirms it; what hides
// holds at once and is lifted by two; she reads each step and stops what she never handed in; the blank form prints. Phone and desk,
// both languages, without scripts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESK, PHONE, sound } from "./browser.mjs";
import { as, main, press, town } from "./stage.mjs";

const KATO = "kato-takashi";
const KAWAGUCHI = "kawaguchi-toru";
const WORDS = {
  ja: { waits: "2人目の確認を待っています", confirmed: "2人が確かめました", oneself: "別の職員が確かめます", held: "効いています", stopped: "届出を止めました", blank: "署名" },
  en: { waits: "waits for a second clerk", confirmed: "checked by two", oneself: "another clerk has to check it", held: "holds", stopped: "Stopped", blank: "Signature" },
};

async function whose(page) {
  await page.locator("#insured").fill("39490016::00420078:");
  await page.locator("#birth").fill("1948-03-05");
  await page.locator("label:has(input[value=my-number-card])").click();
}

const send = (page) => press(page, page.locator("form[action='/desk/papers'] button.primary"));

/** A clerk takes down that Mr Kobayashi may act for Haru; gives the clerk's page. */
async function names(options, lang, name) {
  const clerk = await as(KATO, options, lang);
  await press(clerk, clerk.locator("main a[href='/desk/papers']"));
  if (name) await sound(clerk, `papers-${name}`);
  await press(clerk, clerk.locator("main a[href$='what=mandate']"));
  if (name) {
    await send(clerk);
    assert.match(await clerk.title(), lang === "ja" ? /^入力の誤り/ : /^Input error/);
    await sound(clerk, `papers-faulty-${name}`);
  }
  await whose(clerk);
  await clerk.locator("#number").fill("kobayashi-shigeru");
  await clerk.locator("#name").fill("小林 茂");
  await clerk.locator("#relation").fill("友人");
  await clerk.locator("label:has(input[name=extent][value=all])").click();
  await send(clerk);
  assert.ok(clerk.url().includes("done=waits"), await main(clerk));
  assert.ok(!(await main(clerk)).includes("ハル"), "no list says whose it is");
  return clerk;
}

const waiting = (page) => page.locator("main ol.rows a[href^='/desk/papers/']").first();

async function ward(lang) {
  const friend = await as("kobayashi-shigeru", {}, lang);
  await friend.goto(`${town.address}/home`);
  return friend;
}

for (const [device, viewport] of [["phone", PHONE], ["desk", DESK]]) {
  for (const lang of ["ja", "en"]) {
    test(`named on paper by two, hidden by one, lifted by two: ${device}, ${lang}`, async () => {
      const name = `${lang}-${device}`;
      const options = { viewport, javaScriptEnabled: false };
      const first = await names({ viewport }, lang, name);
      await press(first, waiting(first));
      assert.ok((await main(first)).includes(WORDS[lang].oneself), await main(first));
      assert.equal(await first.locator("input[value=confirm]").count(), 0);

      const her = await as("yamada-haru", { viewport }, lang);
      await her.goto(`${town.address}/me/papers`);
      assert.ok((await main(her)).includes(WORDS[lang].waits), await main(her));
      await sound(her, `papers-own-${name}`);

      // The second works without scripts.
      const second = await as(KAWAGUCHI, options, lang);
      await press(second, second.locator("main a[href='/desk/papers']"));
      await press(second, waiting(second));
      const shown = await main(second);
      for (const words of ["39490016::00420078:", "1948-03-05", "小林 茂", "加藤"]) assert.ok(shown.includes(words), shown);
      const looked = await as(KAWAGUCHI, { viewport }, lang);
      await looked.goto(second.url());
      await sound(looked, `papers-look-${name}`);
      await press(second, second.locator("form:has(input[value=confirm]) button.primary"));
      assert.ok(second.url().endsWith("done=confirmed"), await main(second));
      await her.goto(`${town.address}/me/papers`);
      assert.ok((await main(her)).includes(WORDS[lang].confirmed), await main(her));
      await her.goto(`${town.address}/me/mandates`);
      assert.ok((await main(her)).includes("川口"), await main(her));
      await sound(her, `papers-mandates-${name}`);

      // What hides holds at once; its number stands on the slip.
      await second.goto(`${town.address}/desk/papers/new?what=restriction`);
      await whose(second);
      await second.locator("label:has(input[value=categories])").click();
      await second.locator("label:has(input[name=category][value=genome])").click();
      await second.locator("label:has(input[name=whom][value=everyone])").click();
      await second.locator("label:has(input[name=long][value=always])").click();
      await second.locator("label:has(input[name=emergency][value=yes])").click();
      await send(second);
      const code = (await second.locator("p.number strong").innerText()).trim();
      assert.match(code, /^[0-9a-z]{4}-[0-9a-z]{4}$/);
      await her.goto(`${town.address}/me/sharing`);
      assert.ok((await main(her)).includes(code), await main(her));
      const form = await as(KATO, { viewport }, lang);
      await form.goto(`${town.address}/desk/papers/new?what=restriction`);
      await sound(form, `papers-restriction-${name}`);
      await form.goto(`${town.address}/desk/papers/new?what=lift`);
      await sound(form, `papers-lift-${name}`);
      await whose(form);
      await form.locator("#code").fill(code.toUpperCase());
      await send(form);
      await second.goto(`${town.address}/desk/papers`);
      await press(second, waiting(second));
      await press(second, second.locator("form:has(input[value=confirm]) button.primary"));
      await her.goto(`${town.address}/me/sharing`);
      assert.ok(!(await main(her)).includes(code), await main(her));

      // One clerk ends it, and what she never handed in she stops herself.
      await form.goto(`${town.address}/desk/papers/new?what=end-mandate`);
      await whose(form);
      await form.locator("#number").fill("kobayashi-shigeru");
      await form.locator("#name").fill("小林 茂");
      await send(form);
      assert.ok(!(await main(await ward(lang))).includes("ハル"), "he acts no more");
      await names({ viewport }, lang);
      await her.goto(`${town.address}/me/papers`);
      await press(her, her.locator("form[action$='/stop'] button").first());
      assert.ok((await main(her)).includes(WORDS[lang].stopped), await main(her));
      await second.goto(`${town.address}/desk/papers`);
      assert.equal(await waiting(second).count(), 0, await main(second));

      await her.goto(`${town.address}/papers/form`);
      assert.ok((await main(her)).includes(WORDS[lang].blank), await main(her));
      await sound(her, `papers-blank-${name}`);
    });
  }
}
