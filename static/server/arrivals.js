// The day's list at reception: new arrivals appear by themselves, calls for staff ring, the filter answers as one types.

import { contactLine } from "./contact.js";
import { asTold, fetchOurs, keepLive, SignedOut } from "./live.js";
import { ringer } from "./ring.js";
import { onShortcut } from "./shortcuts.js";
import { arrange, holding } from "./steady_rows.js";

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
  keepFilter();
}

const drawn = new Map([...rows.children].map((row) => [row.id, row.outerHTML])); // as the server wrote each row

/** The row of this text: the one that is there, if it says the same, or else a new element. */
function rowOf(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  const row = template.content.firstElementChild;
  const old = document.getElementById(row.id);
  if (old && drawn.get(row.id) === row.outerHTML) return old;
  drawn.set(row.id, row.outerHTML);
  return row;
}

/** Put a row where its arrival belongs, newest first; one that is there already is replaced. */
function place(row, isNew) {
  const old = document.getElementById(row.id);
  if (old === row) return;
  if (old) {
    const focused = old.contains(document.activeElement);
    old.replaceWith(row);
    if (focused) focusRow(row);
    return;
  }
  const after = [...rows.children].find((other) => other.dataset.key < row.dataset.key);
  if (isNew) row.classList.add("new");
  rows.insertBefore(row, after ?? null);
}

const focusRow = (row) => row?.querySelector("a").focus({ preventScroll: true });

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
let toOpen = null; // a number, a name or a scan with Enter behind it: what fits one visit only leads to it
async function showList() {
  const mine = ++search;
  const asked = wanted();
  const answer = await fetchRows();
  if (mine !== search) return; // something was typed meanwhile
  const known = new Set([...rows.children].map((row) => row.id));
  const focused = document.activeElement?.closest("#rows tr")?.id;
  const found = answer.rows.map(({ html }) => rowOf(html));
  const isSame = asked === shown;
  shown = asked;
  if (isSame && known.size) found.filter((row) => !known.has(row.id)).forEach((row) => row.classList.add("new"));
  // What "show more" brought stays below.
  const last = found.at(-1)?.dataset.key;
  const older = isSame && answer.more ? [...rows.children].filter((row) => row.dataset.key < last) : [];
  holding(rows, () => {
    arrange(rows, [...found, ...older]);
    const row = focused && document.getElementById(focused);
    if (row && !row.contains(document.activeElement)) focusRow(row);
  });
  if (!older.length) more.hidden = !answer.more;
  showTotals(answer);
  const isToOpen = toOpen === asked && filter.text.value.trim();
  toOpen = null;
  if (isToOpen && rows.children.length === 1) rows.querySelector("a").click();
}

async function showChanged(ids) {
  const address = `${words.rows}&${[...ids].map((id) => `id=${encodeURIComponent(id)}`).join("&")}`;
  const answer = await (await fetchOurs(asTold(address))).json();
  holding(rows, () => {
    for (const { html } of answer.rows) place(rowOf(html), true);
  });
  showTotals(answer);
}

const waitingCalls = () => Number(calls.querySelector(".calls")?.dataset.count ?? 0);

async function showCalls() {
  const answer = await fetchOurs(asTold(words.calls));
  putCalls(await answer.text());
}

function putCalls(html) {
  if (calls.innerHTML.trim() === html.trim()) return;
  const had = waitingCalls();
  holding(rows, () => (calls.innerHTML = html));
  const count = waitingCalls();
  announceCalls(count);
  if (count > had) bell.ring();
}

async function showStrip() {
  const html = await (await fetchOurs(asTold(words.strip))).text();
  if (strip.innerHTML.trim() === html.trim()) return;
  const label = strip.contains(document.activeElement) ? document.activeElement.getAttribute("aria-label") : null;
  holding(rows, () => (strip.innerHTML = html));
  if (label) strip.querySelector(`[aria-label="${CSS.escape(label)}"]`)?.focus();
}

function announceCalls(count) {
  document.title = count ? `(${count}) ${title}` : title;
  calls.closest("section").classList.toggle("ringing", count > 0);
}

const ringTick = document.getElementById("ring");
const ringBlocked = document.getElementById("ring-blocked");
const bell = ringer(waitingCalls, (isBlocked) => (ringBlocked.hidden = !isBlocked));
ringTick.checked = bell.isOn();
ringTick.addEventListener("change", () => bell.turn(ringTick.checked));

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

// Whoever comes back from a visit finds the list as it was left; what was typed of a person is not kept.
const FILTER_KEPT_AS = "tiepdon-arrivals-filter";
const kept = [filter.clinic, filter.place, filter.show];
function keepFilter() {
  const values = [...kept.map((field) => field.value), filter.needs_staff.checked];
  sessionStorage.setItem(FILTER_KEPT_AS, JSON.stringify(values));
}

function restoreFilter() {
  const values = JSON.parse(sessionStorage.getItem(FILTER_KEPT_AS) ?? "null");
  if (!values || isFiltered()) return;
  for (const [n, field] of kept.entries()) field.value = values[n];
  for (const field of kept) if (field.selectedIndex < 0) field.value = ""; // a clinic or kiosk that is no more
  filter.needs_staff.checked = values.at(-1);
}

let typing = 0;
filter.addEventListener("input", () => {
  keepFilter();
  clearTimeout(typing);
  typing = setTimeout(() => byHand(showList), 200);
});
filter.addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(typing);
  filter.text.select(); // the next scan takes its place
  toOpen = wanted();
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
    for (const { html } of answer.rows) place(rowOf(html), false);
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

// Keyboard: arrows go through the rows; Escape clears the filter, and once more leaves the field for the letters.
const keys = document.getElementById("keys");
function toSearch() {
  filter.text.focus();
  filter.text.select();
}

const answerCall = () => calls.querySelector("[data-answer] button")?.click();

const shortcuts = {
  "/": toSearch,
  n: () => {
    filter.needs_staff.checked = !filter.needs_staff.checked;
    keepFilter();
    byHand(showList);
  },
  a: answerCall,
  t: () => calls.querySelector("[data-leaves] button")?.click(),
  r: () => location.assign(words.register),
};
const functionKeys = { F2: toSearch, F9: answerCall }; // in the search field, too, where a letter would be typed
onShortcut((event) => {
  const act = shortcuts[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !keys.open && isFiltered()) {
    clearFilter();
    byHand(showList);
  } else if (keys.open) {
    return;
  } else if (event.key === "Escape" && event.target === filter.text) {
    filter.text.blur();
  } else if (event.key in functionKeys && !event.repeat) {
    event.preventDefault();
    functionKeys[event.key]();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const row = document.activeElement?.closest("#rows tr");
    const target = row
      ? event.key === "ArrowDown" ? row.nextElementSibling : row.previousElementSibling
      : event.key === "ArrowDown" && [document.body, filter.text].includes(document.activeElement) ? rows.firstElementChild
      : null;
    if (target) {
      event.preventDefault();
      target.querySelector("a").focus();
    }
  }
});

restoreFilter();
if (isFiltered()) byHand(showList);
// Back from a visit: to its row. The hash is no row's id, or the browser would go there itself and take the focus away.
const left = /^#visit-([0-9a-f-]+)$/.exec(location.hash);
if (left) document.getElementById(`arrival-${left[1]}`)?.querySelector("a").focus();

announceCalls(waitingCalls());
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
