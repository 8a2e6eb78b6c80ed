// What was typed when the session ended comes back after signing in again. This browser keeps it sealed by the server:
// nobody can read it here, and the server opens it for the same person only (server/accounts/typed.py).

const KEPT = "tiepdon-typed";
const LEFT_OUT = ["hidden", "password", "file", "submit", "button"];

let typedIn = null; // the form that was typed in last
addEventListener("input", (event) => {
  const form = event.isTrusted ? event.target.form : null;
  if (form?.method === "post") typedIn = form;
});

const fields = (form) => [...form.elements].filter((one) => one.name && !LEFT_OUT.includes(one.type));
const isTick = (one) => one.type === "checkbox" || one.type === "radio";
const isTyped = (one) => one.defaultValue !== undefined && !isTick(one) && one.value !== one.defaultValue;
const here = () => location.pathname + location.search;

function post(address, csrf, body) {
  return fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf, "X-Fragment": "1" },
    body: JSON.stringify(body),
    credentials: "same-origin",
    cache: "no-store",
  });
}

/** Note what stands in the form that was typed in; never one with a password, or what opens a card. */
export async function keepTyped({ keep, csrf }) {
  // Who types faster than a slow machine loads this script was not heard; what they typed stands there all the same.
  typedIn ??= [...document.forms].find((form) => form.method === "post" && fields(form).some(isTyped)) ?? null;
  if (!typedIn?.isConnected || typedIn.matches("[data-forget], :has([type=password])")) return;
  const values = fields(typedIn).map((one) => [one.name, isTick(one) ? one.checked : one.value]);
  const text = JSON.stringify({ page: here(), action: typedIn.getAttribute("action"), values });
  const answer = await post(keep, csrf, { text });
  if (answer.ok) sessionStorage.setItem(KEPT, (await answer.json()).sealed);
}

/** Put back what was noted on this page. The fields are found by name and order, as they were noted. */
export async function refill({ open, csrf, refilled }) {
  const sealed = sessionStorage.getItem(KEPT);
  if (!sealed) return;
  const answer = await post(open, csrf, { sealed });
  if (answer.status === 404) sessionStorage.removeItem(KEPT); // somebody else has signed in, or it is old
  if (!answer.ok || answer.redirected) return;
  const { page, action, values } = JSON.parse((await answer.json()).text);
  if (page !== here()) return;
  sessionStorage.removeItem(KEPT);
  const form = [...document.forms].find((one) => one.method === "post" && one.getAttribute("action") === action);
  if (!form) return;
  const left = [...values];
  for (const one of fields(form)) {
    const at = left.findIndex(([name]) => name === one.name);
    if (at < 0) continue;
    const [[, value]] = left.splice(at, 1);
    if (isTick(one) ? one.checked === value : one.value === value) continue;
    if (isTick(one)) one.checked = value;
    else one.value = value;
    for (const kind of ["input", "change"]) one.dispatchEvent(new Event(kind, { bubbles: true }));
  }
  typedIn = form;
  form.closest("details")?.setAttribute("open", "");
  const note = document.createElement("p");
  note.className = "notice";
  note.setAttribute("role", "status");
  form.prepend(note);
  note.textContent = refilled;
}
