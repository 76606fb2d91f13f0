// The stage that most stories are played on: a demo of its own for each test file, and a browser in which nothing is asked
// of the outside. Importing this starts both before the file's tests and ends them afterwards.
import assert from "node:assert/strict";
import { after } from "node:test";
import { launch, newPage } from "./browser.mjs";
import { be, demo } from "./demo.mjs";

export const town = await demo();
export const browser = await launch().catch(async (error) => {
  await town.stop();
  throw error;
});
after(async () => {
  await browser.close();
  await town.stop();
});

/** A page of its own session. */
export async function open(options) {
  const page = await newPage(browser, options);
  page.on("request", (request) => {
    if (!request.url().startsWith(town.address) && !request.url().startsWith("data:")) assert.fail(`asked outside: ${request.url()}`);
  });
  return page;
}

/** A page on which `person` is signed in, on their first page, in this language. */
export async function as(person, options = {}, lang = "ja") {
  const page = await open(options);
  await be(page, town.address, person);
  await page.goto(`${town.address}/settings?lang=${lang}&back=/`);
  return page;
}

/** What stands on the page. */
export const main = (page) => page.locator("main").innerText();

/** Presses something and waits for the page that it leads to. */
export async function press(page, target) {
  await target.click();
  await page.waitForLoadState();
}
