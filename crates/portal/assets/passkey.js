// Passkeys: the form's challenge goes to the authenticator, its answer into the form's fields, and the form is sent as any other.
// Nothing else on these pages needs a script.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer ?? []))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const ways = {
    async get(said) {
      const publicKey = { challenge: bytes(said.challenge), rpId: said.site, userVerification: "required", timeout: 300000 };
      const { rawId, response } = await navigator.credentials.get({ publicKey });
      return {
        id: text(rawId),
        client: text(response.clientDataJSON),
        data: text(response.authenticatorData),
        signature: text(response.signature),
        handle: text(response.userHandle),
      };
    },
    async create(said) {
      const publicKey = {
        challenge: bytes(said.challenge),
        rp: { id: said.site, name: said.brand },
        user: { id: bytes(said.handle), name: said.person, displayName: said.person },
        pubKeyCredParams: [-7, -8].map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: said.known.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: bytes(id) })),
        authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
        attestation: "none",
        timeout: 300000,
      };
      const { response } = await navigator.credentials.create({ publicKey });
      return { client: text(response.clientDataJSON), attestation: text(response.attestationObject) };
    },
  };
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const fault = form.querySelector("[data-passkey-fault]");
      fault.hidden = true;
      try {
        const answer = await ways[form.dataset.passkey](form.dataset);
        for (const [name, value] of Object.entries(answer)) form.elements[name].value = value;
      } catch {
        // Turned down, timed out, or known already: the form says what to do.
        fault.hidden = false;
        fault.focus();
        return;
      }
      form.submit();
    });
  }
})();
