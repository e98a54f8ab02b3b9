// Laat de browser een passkey maken of tonen. Zonder dit bestand blijven de knoppen weg en staat er wat dan wel kan.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
const withBytes = (known) => (known ?? []).map((one) => ({ ...one, id: bytes(one.id) }));

async function make(options) {
  return navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      user: { ...options.user, id: bytes(options.user.id) },
      excludeCredentials: withBytes(options.excludeCredentials),
    },
  });
}

async function show(options) {
  return navigator.credentials.get({
    publicKey: {
      ...options,
      challenge: bytes(options.challenge),
      allowCredentials: withBytes(options.allowCredentials),
    },
  });
}

function answerOf(passkey) {
  const response = { clientDataJSON: text(passkey.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (passkey.response[name]) response[name] = text(passkey.response[name]);
  }
  if (passkey.response.getTransports) response.transports = passkey.response.getTransports();
  return { id: passkey.id, rawId: text(passkey.rawId), type: passkey.type, response };
}

function wordsFor(error) {
  if (error.name === "InvalidStateError") return "Op dit apparaat staat al een passkey van u. Kies een ander apparaat.";
  if (error.name === "SecurityError") return "Passkeys werken niet op dit adres.";
  return "Het is niet gelukt, of u bent gestopt. Probeer het opnieuw, of kies een andere manier.";
}

async function run(form) {
  const told = form.querySelector("[data-passkey-melding]");
  const field = form.elements.factor_passkey;
  told.textContent = "";
  try {
    const body = new FormData();
    body.set("csrf_token", form.elements.csrf_token.value);
    const asked = await fetch(form.dataset.vraag, { method: "POST", body });
    if (asked.ok && !asked.redirected) {
      const options = await asked.json();
      field.value = JSON.stringify(answerOf(await (form.dataset.passkey === "make" ? make : show)(options)));
    } else {
      field.value = ""; // de server zegt zelf wat er is: te lang gewacht, of niet meer aangemeld
    }
    form.submit();
  } catch (error) {
    told.textContent = wordsFor(error);
  }
}

if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(form);
    });
    const here = location.origin === form.dataset.oorsprong; // 127.0.0.1 is een ander adres dan localhost
    form.hidden = !here;
    form.nextElementSibling.hidden = here;
  }
  for (const other of document.querySelectorAll("[data-zonder-passkey]")) other.hidden = true;
}
