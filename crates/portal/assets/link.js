// The camera opens /link#shlink:/…: the link moves from the address into the form, and out of the history. A page that is
// open already is not loaded anew: there the address alone changes.
"use strict";
(() => {
  const take = () => {
    const field = document.querySelector("[data-link-code]");
    const at = location.hash.indexOf("shlink:/");
    if (!field || at < 0) return;
    field.value = location.hash.slice(at);
    history.replaceState(null, "", location.pathname);
    document.getElementById("pin").focus();
  };
  take();
  addEventListener("hashchange", take);
})();
