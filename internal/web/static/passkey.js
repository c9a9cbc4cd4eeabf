// SPDX-License-Identifier: Apache-2.0

// form[data-passkey=URL] asks URL what to ask the device for, and is sent with the
// device's answer; with data-passkey-new a passkey is made. Where the browser has
// no passkeys, the form stays hidden.

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), c => c.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const listed = list => (list || []).map(c => ({ ...c, id: bytes(c.id) }));

/** What the server asks for, as the browser takes it. */
function asked(o) {
  o = { ...o, challenge: bytes(o.challenge), allowCredentials: listed(o.allowCredentials), excludeCredentials: listed(o.excludeCredentials) };
  if (o.user) o.user = { ...o.user, id: bytes(o.user.id) };
  return o;
}

/** The device's answer, as the server takes it. */
function answered(c) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (c.response[name]) response[name] = text(c.response[name]);
  }
  if (c.response.getTransports) response.transports = c.response.getTransports();
  return JSON.stringify({ id: c.id, rawId: text(c.rawId), type: c.type, response });
}

async function send(form) {
  const failed = form.querySelector("[data-passkey-failed]"), button = form.querySelector("button");
  failed.textContent = "";
  button.disabled = true;
  try {
    const reply = await fetch(form.dataset.passkey, { method: "POST", body: new URLSearchParams({ csrf: form.elements.csrf.value }) });
    if (!reply.ok) throw reply;
    const { options, errand } = await reply.json(), publicKey = asked(options.publicKey);
    const key = "passkeyNew" in form.dataset ? await navigator.credentials.create({ publicKey }) : await navigator.credentials.get({ publicKey });
    form.elements.errand.value = errand;
    form.elements.answer.value = answered(key);
    form.submit();
  } catch (e) {
    const said = e instanceof Response && await e.json().catch(() => null);
    failed.textContent = said?.detail || failed.dataset.passkeyFailed;
    button.disabled = false;
    button.focus();
  }
}

if (window.PublicKeyCredential && window.isSecureContext) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", e => {
      e.preventDefault();
      send(form);
    });
  }
}
