// Asks the browser for a security key and sends its answer with the form: a new key where the page holds what is asked
// of it, one of the person's keys where it holds the address to ask for that. Bytes travel as base64url.
const form = document.querySelector("[data-new-key], [data-asked-key]");
const says = form.querySelector(".key-says");
const button = form.querySelector(".key-button");

function bytes(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (sign) => sign.charCodeAt(0));
}

function text(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function withBytes(descriptors = []) {
  return descriptors.map((one) => ({ ...one, id: bytes(one.id) }));
}

async function made(asked) {
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: withBytes(asked.excludeCredentials),
  };
  const key = await navigator.credentials.create({ publicKey });
  return {
    id: text(key.rawId),
    type: key.type,
    transports: key.response.getTransports?.() ?? [],
    response: {
      clientDataJSON: text(key.response.clientDataJSON),
      attestationObject: text(key.response.attestationObject),
    },
  };
}

async function signed() {
  const answer = await fetch(form.dataset.askedKey, {
    method: "POST",
    headers: { "X-CSRF-Token": form.elements.csrf_token.value },
  });
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const { publicKey: asked } = await answer.json();
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    allowCredentials: withBytes(asked.allowCredentials),
  };
  const key = await navigator.credentials.get({ publicKey });
  return {
    id: text(key.rawId),
    type: key.type,
    response: {
      clientDataJSON: text(key.response.clientDataJSON),
      authenticatorData: text(key.response.authenticatorData),
      signature: text(key.response.signature),
    },
  };
}

async function ask() {
  button.disabled = true;
  says.textContent = form.dataset.waiting;
  try {
    const answer = form.dataset.newKey ? await made(JSON.parse(form.dataset.newKey).publicKey) : await signed();
    form.elements.key_answer.value = JSON.stringify(answer);
    form.noValidate = true; // the password beside it stays empty
    form.requestSubmit();
  } catch (error) {
    says.textContent = error.name === "InvalidStateError" ? form.dataset.known : form.dataset.cancelled;
    button.disabled = false;
  }
}

if (window.PublicKeyCredential) {
  const besideAPassword = form.querySelector(".key-way");
  form.hidden = false;
  button.addEventListener("click", ask);
  if (besideAPassword) besideAPassword.hidden = false;
  else button.focus();
} else if (form.dataset.newKey) {
  says.textContent = form.dataset.unsupported;
  button.disabled = true;
} else {
  document.getElementById("code")?.focus(); // an old browser: the app's code alone
}
