// The day's list at reception: new arrivals appear by themselves, calls for staff ring, the filter answers as one types.

import { contactLine } from "./contact.js";
import { asTold, fetchOurs, keepLive, SignedOut } from "./live.js";
import { onShortcut } from "./shortcuts.js";

const page = document.getElementById("arrivals-page");
const words = page.dataset;
const rows = document.getElementById("rows");
const filter = document.getElementById("filter");
const more = document.getElementById("more");
const nobody = document.getElementById("nobody");
const calls = document.getElementById("calls");
const strip = document.getElementById("strip");
const title = document.title;
const showContact = contactLine(words);

const isFiltered = () =>
  Boolean(
    filter.text.value.trim() || filter.clinic.value || filter.place.value || filter.show.value || filter.needs_staff.checked,
  );

function clearFilter() {
  for (const field of [filter.text, filter.clinic, filter.place, filter.show]) field.value = "";
  filter.needs_staff.checked = false;
}

function parseRow(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

/** Put a row where its arrival belongs, newest first; one that is there already is replaced. */
function place(row, isNew) {
  const old = document.getElementById(row.id);
  if (old) {
    const focused = old.contains(document.activeElement);
    old.replaceWith(row);
    if (focused) row.querySelector("a").focus();
    return;
  }
  const after = [...rows.children].find((other) => other.dataset.key < row.dataset.key);
  if (isNew) row.classList.add("new");
  rows.insertBefore(row, after ?? null);
}

function showTotals(answer) {
  if (answer.day !== words.day) location.reload(); // midnight: another day's list
  document.getElementById("totals").textContent = answer.totals;
  nobody.hidden = rows.children.length > 0;
  nobody.textContent = isFiltered() ? nobody.dataset.noneFound : nobody.dataset.none;
}

async function fetchRows(before = "") {
  const form = new FormData(filter);
  if (before) form.set("before", before);
  const answer = await fetchOurs(asTold(words.search), { method: "POST", body: new URLSearchParams(form) });
  return answer.json();
}

const wanted = () => new URLSearchParams(new FormData(filter)).toString();

let search = 0;
let shown = wanted();
async function showList() {
  const mine = ++search;
  const asked = wanted();
  const answer = await fetchRows();
  if (mine !== search) return; // something was typed meanwhile
  const known = new Set([...rows.children].map((row) => row.id));
  const found = answer.rows.map(({ html }) => parseRow(html));
  const isSame = asked === shown;
  shown = asked;
  if (isSame && known.size) found.filter((row) => !known.has(row.id)).forEach((row) => row.classList.add("new"));
  // What "show more" brought stays below.
  const last = found.at(-1)?.dataset.key;
  const older = isSame && answer.more ? [...rows.children].filter((row) => row.dataset.key < last) : [];
  const focused = document.activeElement?.closest("#rows tr")?.id;
  rows.replaceChildren(...found, ...older);
  if (focused) document.getElementById(focused)?.querySelector("a").focus();
  if (!older.length) more.hidden = !answer.more;
  showTotals(answer);
}

async function showChanged(ids) {
  const address = `${words.rows}&${[...ids].map((id) => `id=${encodeURIComponent(id)}`).join("&")}`;
  const answer = await (await fetchOurs(asTold(address))).json();
  for (const { html } of answer.rows) place(parseRow(html), true);
  showTotals(answer);
}

async function showCalls() {
  const answer = await fetchOurs(asTold(words.calls));
  putCalls(await answer.text());
}

function putCalls(html) {
  if (calls.innerHTML.trim() === html.trim()) return;
  const had = Number(calls.querySelector(".calls")?.dataset.count ?? 0);
  calls.innerHTML = html;
  const count = Number(calls.querySelector(".calls").dataset.count);
  announceCalls(count);
  if (count > had) ring();
}

async function showStrip() {
  const html = await (await fetchOurs(asTold(words.strip))).text();
  if (strip.innerHTML.trim() === html.trim()) return;
  const label = strip.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  strip.innerHTML = html;
  if (label) strip.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
}

function announceCalls(count) {
  document.title = count ? `(${count}) ${title}` : title;
  calls.closest("section").classList.toggle("ringing", count > 0);
}

// Two soft tones; repeated while somebody is calling, until the switch is off.
let sound = null;
function ring() {
  if (!document.getElementById("ring").checked) return;
  sound ??= new AudioContext();
  if (sound.state === "suspended") sound.resume();
  for (const [start, frequency] of [[0, 880], [0.25, 660]]) {
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.2, sound.currentTime + start);
    volume.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + start + 0.22);
    tone.connect(volume).connect(sound.destination);
    tone.start(sound.currentTime + start);
    tone.stop(sound.currentTime + start + 0.25);
  }
}
setInterval(() => {
  if (Number(calls.querySelector(".calls")?.dataset.count ?? 0) > 0) ring();
}, 8_000);

function signedOut() {
  rows.replaceChildren(); // nobody is there: nothing of a patient stays on the screen
  calls.replaceChildren();
  strip.replaceChildren();
  location.assign(words.signIn);
}

async function byHand(work) {
  try {
    await work();
  } catch (error) {
    if (error instanceof SignedOut) signedOut();
    else showContact("lost", new Date());
  }
}

let typing = 0;
filter.addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(() => byHand(showList), 200);
});
filter.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  byHand(showList);
});
document.getElementById("clear").addEventListener("click", (event) => {
  event.preventDefault();
  clearFilter();
  byHand(showList);
});
more.addEventListener("submit", (event) => {
  event.preventDefault();
  byHand(async () => {
    const answer = await fetchRows(rows.lastElementChild?.dataset.id);
    for (const { html } of answer.rows) place(parseRow(html), false);
    more.hidden = !answer.more;
    showTotals(answer);
  });
});
calls.addEventListener("submit", (event) => {
  const form = event.target;
  if ("leaves" in form.dataset) return; // to the page where the person's registration goes on
  event.preventDefault();
  byHand(async () => {
    const answer = await fetchOurs(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
    putCalls(await answer.text());
  });
});

// Keyboard: "?" tells the keys; arrows go through the rows, Escape clears the filter.
const keys = document.getElementById("keys");
const shortcuts = {
  "/": () => filter.text.focus(),
  "?": () => keys.showModal(),
  n: () => {
    filter.needs_staff.checked = !filter.needs_staff.checked;
    byHand(showList);
  },
  a: () => calls.querySelector("[data-answer] button")?.click(),
  r: () => location.assign(words.register),
};
onShortcut((event) => {
  const act = shortcuts[event.key.toLowerCase()];
  if (!act || keys.open) return;
  event.preventDefault();
  act();
});
document.getElementById("keys-open").addEventListener("click", () => keys.showModal());
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !keys.open && isFiltered()) {
    clearFilter();
    byHand(showList);
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const row = document.activeElement?.closest("#rows tr");
    const target = row
      ? event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling
      : document.activeElement === filter.text && event.key === "ArrowDown" ? rows.firstElementChild : null;
    if (target) {
      event.preventDefault();
      target.querySelector("a").focus();
    }
  }
});

announceCalls(Number(calls.querySelector(".calls")?.dataset.count ?? 0));
keepLive({
  stream: words.stream,
  changed: async (subjects) => {
    if (subjects.has("staff-call")) await showCalls();
    if (["kiosk", "hand-over", "staff-call"].some((topic) => subjects.has(topic))) await showStrip();
    const ids = subjects.get("encounter") ?? new Set();
    if (subjects.has("ticket") || ids.size > 50 || (ids.size && isFiltered())) await showList();
    else if (ids.size) await showChanged(ids);
  },
  reset: async () => {
    await Promise.all([showList(), showCalls(), showStrip()]);
  },
  contact: showContact,
  signedOut,
});
// A kiosk that falls silent, or somebody who stands there too long, sends no hint.
setInterval(() => showStrip().catch(() => {}), 15_000);
