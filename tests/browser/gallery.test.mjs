// Every page of the gallery, in both languages, on a phone and on a desk: readable by all, small, nothing cut.
//
// GALLERY names a folder already made by the example; without it the test makes one with cargo.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DESK, NARROWEST, PHONE, launch, newPage, root, seriousFindings, shot, sidewaysScroll, smallTargets } from "./browser.mjs";

const HTML_MOST = 60_000;
const CSS_MOST = 30_000;

function gallery() {
  if (process.env.GALLERY) return process.env.GALLERY;
  const folder = mkdtempSync(join(tmpdir(), "tsumugi-gallery-"));
  execFileSync("cargo", ["run", "--quiet", "-p", "tsumugi-portal", "--example", "gallery", "--", folder], { cwd: root, stdio: "inherit" });
  return folder;
}

const folder = gallery();
const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
const address = (name) => `file://${join(folder, `${name}.html`)}`;

/** Unfolds everything, so that what is folded is looked at too. */
const openAll = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((part) => { part.open = true; }));

/** Runs `look` on one page and keeps a screenshot when it fails. */
async function see(page, name, look) {
  try {
    await look();
  } catch (error) {
    await shot(page, `failed-${name}`);
    throw error;
  }
}

describe("gallery", () => {
  let browser;
  before(async () => { browser = await launch(); });
  after(() => browser?.close());

  test("pages and style sheet are within their budgets", () => {
    assert.ok(index.css <= CSS_MOST, `the style sheet has ${index.css} bytes`);
    for (const page of index.pages) assert.ok(page.bytes <= HTML_MOST, `${page.name} has ${page.bytes} bytes`);
    assert.ok(index.pages.length >= 80, `${index.pages.length} pages`);
  });

  for (const [size, viewport] of [["phone", PHONE], ["desk", DESK]]) {
    test(`axe finds nothing serious, and nothing scrolls sideways: ${size}`, async () => {
      const page = await newPage(browser, { viewport });
      for (const { name } of index.pages) {
        await page.goto(address(name));
        await openAll(page);
        await see(page, `${name}.${size}`, async () => {
          assert.deepEqual(await seriousFindings(page), [], `${name}, ${size}`);
          assert.equal(await sidewaysScroll(page), 0, `${name} scrolls sideways on a ${size}`);
        });
      }
      await page.context().close();
    });
  }

  test("dark pages keep their contrast", async () => {
    const page = await newPage(browser, { colorScheme: "dark" });
    for (const { name } of index.pages) {
      await page.goto(address(name));
      await openAll(page);
      await see(page, `${name}.dark`, async () => assert.deepEqual(await seriousFindings(page, ["color-contrast"]), [], name));
    }
    await page.context().close();
  });

  test("nothing scrolls sideways at 320 px, nor with text twice as large", async () => {
    const page = await newPage(browser, { viewport: NARROWEST });
    for (const { name } of index.pages) {
      await page.goto(address(name));
      await see(page, `${name}.narrow`, async () => assert.equal(await sidewaysScroll(page), 0, name));
      await page.setViewportSize(PHONE);
      await page.evaluate(() => { document.documentElement.style.fontSize = "200%"; });
      await see(page, `${name}.double`, async () => assert.equal(await sidewaysScroll(page), 0, `${name} at 200 %`));
      await page.setViewportSize(NARROWEST);
    }
    await page.context().close();
  });

  test("targets are large enough for a thumb", async () => {
    const page = await newPage(browser);
    for (const { name } of index.pages) {
      await page.goto(address(name));
      await see(page, `${name}.targets`, async () => assert.deepEqual(await smallTargets(page, 44), [], name));
    }
    await page.context().close();
  });

  test("each page has one h1 that its title begins with, unique ids, and its language", async () => {
    const page = await newPage(browser, { javaScriptEnabled: true });
    for (const { name, lang } of index.pages) {
      await page.goto(address(name));
      const found = await page.evaluate(() => {
        const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
        const heading = document.querySelector("h1").cloneNode(true);
        heading.querySelectorAll("rt, rp").forEach((reading) => reading.remove());
        return {
          headings: document.querySelectorAll("h1").length,
          heading: heading.textContent.trim(),
          title: document.title,
          twice: ids.filter((id, at) => ids.indexOf(id) !== at),
          lang: document.documentElement.lang,
          text: document.body.innerText,
        };
      });
      assert.equal(found.headings, 1, name);
      assert.ok(found.title.includes(found.heading), `${name}: ${found.title} does not carry ${found.heading}`);
      assert.deepEqual(found.twice, [], `${name} has ids twice`);
      assert.equal(found.lang, lang, name);
      assert.ok(!found.text.includes("⟦"), `${name} lacks a text`);
    }
    await page.context().close();
  });

  test("English pages mark every Japanese word as Japanese", async () => {
    const page = await newPage(browser, { locale: "en-GB" });
    for (const { name } of index.pages.filter((each) => each.lang === "en")) {
      await page.goto(address(name));
      const unmarked = await page.evaluate(() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const found = [];
        while (walker.nextNode()) {
          const { textContent, parentElement } = walker.currentNode;
          if (/[\u3040-\u30ff\u4e00-\u9fff]/.test(textContent) && parentElement.closest("[lang]").lang !== "ja" && !parentElement.closest("textarea, svg")) found.push(textContent);
        }
        return found;
      });
      assert.deepEqual(unmarked, [], name);
    }
    await page.context().close();
  });

  test("focus is visible on every control and never covered", async () => {
    const page = await newPage(browser);
    for (const name of ["looks.ja", "care-form.ja", "home.en"]) {
      await page.goto(address(name));
      for (let step = 0; step < 12; step += 1) {
        await page.keyboard.press("Tab");
        const ring = await page.evaluate(() => {
          const focused = document.activeElement;
          const shown = focused.closest(".pick") ?? focused;
          const box = shown.getBoundingClientRect();
          return { width: getComputedStyle(shown).outlineWidth, inside: box.top >= 0 && box.bottom <= innerHeight, what: focused.outerHTML.slice(0, 80) };
        });
        assert.equal(ring.width, "4px", `${name}: ${ring.what}`);
        assert.ok(ring.inside, `${name}: ${ring.what} is out of sight`);
      }
    }
    await page.context().close();
  });

  test("a printed page names the person and opens what is folded", async () => {
    const page = await newPage(browser, { viewport: DESK });
    await page.goto(address("looks-print.ja"));
    await page.emulateMedia({ media: "print" });
    const found = await page.evaluate(() => ({
      head: document.querySelector(".print-only").innerText,
      nav: getComputedStyle(document.querySelector(".sections")).display,
      rows: [...document.querySelectorAll("details li")].every((row) => row.getBoundingClientRect().height > 0),
    }));
    assert.match(found.head, /1948年\(昭和23年\)3月5日/);
    assert.match(found.head, /2026年11月22日\(日\)/);
    assert.equal(found.nav, "none");
    assert.ok(found.rows);
    await page.context().close();
  });
});
