// A browser of few lines, for the way of an app: a citizen signs in by being chosen, allows what the app asks, and is
// sent back. Nothing of it knows the app.
import assert from "node:assert/strict";

/** Goes to the address that an app gives; `decision` is `allow` or `refuse`. Gives the address to which it is sent back. */
export async function decide(address, back, decision = "allow") {
  const jar = new Map();
  const go = async (url, form) => {
    const own = new URL(url).origin;
    const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join("; ") };
    if (form) Object.assign(headers, { origin: own, "sec-fetch-site": "same-origin" });
    const body = form && new URLSearchParams(form);
    const answer = await fetch(url, { method: form ? "POST" : "GET", redirect: "manual", headers, body });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie);
      jar.set(name, value);
    }
    const location = answer.headers.get("location");
    if (!location) return { url, text: await answer.text(), status: answer.status };
    const next = new URL(location, url).href;
    return next.startsWith(back) ? { url: next } : go(next);
  };
  const field = (page, name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.text)?.[1] ?? "";
  let page = await go(String(address));
  assert.match(page.text ?? "", /action="\/sign-in"/, "whoever is not signed in does that first");
  page = await go(new URL("/sign-in", page.url), { person: "haru", csrf: field(page, "csrf"), request: field(page, "request") });
  assert.match(page.text, /action="\/oauth\/consent"/, "then it is asked");
  const done = await go(new URL("/oauth/consent", page.url), { csrf: field(page, "csrf"), request: field(page, "request"), decision });
  assert.ok(done.url.startsWith(back), `${done.status}: ${done.text}`);
  return done.url;
}
