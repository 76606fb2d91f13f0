// What browser tests share: Debian's Chromium, a page that allows nothing from outside, axe, screenshots.
//
// CHROMIUM names another browser; ARTEFACTS another folder for screenshots (default: artefacts/ in the repository's root).
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const here = dirname(fileURLToPath(import.meta.url));
export const root = join(here, "..", "..");
export const artefacts = process.env.ARTEFACTS ?? join(root, "artefacts");
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 900 };
export const NARROWEST = { width: 320, height: 640 };

/** Starts the browser. Close it with `browser.close()`. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A fresh page of its own session. `options` are Playwright's: viewport, locale, colorScheme, javaScriptEnabled … */
export async function newPage(browser, options = {}) {
  const context = await browser.newContext({ viewport: PHONE, locale: "ja-JP", reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  return page;
}

const STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** What axe finds that is serious or critical, one line each; empty when all is well. `runOnly`: tags or rules. */
export async function seriousFindings(page, runOnly = STANDARDS) {
  await page.evaluate(axe);
  const results = await page.evaluate(
    (runOnly) => globalThis.axe.run(document, { resultTypes: ["violations"], runOnly }),
    runOnly,
  );
  return results.violations
    .filter((found) => found.impact === "serious" || found.impact === "critical")
    .flatMap((found) => found.nodes.map((node) => `${found.id}: ${node.target.join(" ")}: ${node.failureSummary}`));
}

/** How many pixels the page is wider than the window; 0 when nothing scrolls sideways. */
export function sidewaysScroll(page) {
  return page.evaluate(() => {
    const top = document.scrollingElement;
    return Math.max(0, top.scrollWidth - top.clientWidth);
  });
}

/** Links, buttons and summaries smaller than `most` px in height that do not stand in a sentence. */
export function smallTargets(page, most) {
  return page.evaluate((most) => {
    const small = [];
    for (const target of document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden]), textarea, label.pick")) {
      const box = target.getBoundingClientRect();
      const hidden = box.width === 0 || box.bottom <= 0 || target.matches(".skip, .pick input");
      const covering = target.matches(".look .go");
      if (!hidden && !covering && box.height < most - 0.5) small.push(`${target.outerHTML.slice(0, 90)}: ${box.height}px`);
    }
    return small;
  }, most);
}

/** A screenshot of the whole page into the folder of artefacts. */
export async function shot(page, name) {
  mkdirSync(artefacts, { recursive: true });
  await page.screenshot({ path: join(artefacts, `${name}.png`), fullPage: true });
}

/** A page that is sound: axe finds nothing serious, nothing scrolls sideways, a thumb finds its targets; and its screenshot. */
export async function sound(page, name) {
  const findings = await seriousFindings(page);
  if (findings.length > 0) throw new Error(`${name}: ${findings.join("\n")}`);
  const wide = await sidewaysScroll(page);
  if (wide > 0) throw new Error(`${name} scrolls ${wide} px sideways`);
  const small = await smallTargets(page, 44);
  if (small.length > 0) throw new Error(`${name} has small targets: ${small.join("\n")}`);
  await shot(page, name);
}
