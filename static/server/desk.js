// Registration by hand: scanner and keyboard first. Everything here is comfort; the form works without it.

import { fetchOurs, SignedOut } from "./live.js";
import { leave } from "./session.js";
import { onShortcut } from "./shortcuts.js";

const form = document.getElementById("desk");
const look = document.getElementById("look");
const register = document.getElementById("register");
const find = document.querySelector(".look .button");
const notes = document.getElementById("notes");

/** Show the fields that are asked of this kind of person, and no others. */
function showFields() {
  const kind = form.elements.kind.value;
  for (const field of form.querySelectorAll("[data-kinds]")) {
    field.hidden = !field.dataset.kinds.split(" ").includes(kind);
  }
}

// A document reader types its machine readable zone in two or three lines, each with an Enter behind it.
const isHalfAnMrz = (text) => {
  const lines = text.trim().split(/\s+/);
  return lines.every((line) => /^[A-Z0-9<]{30,44}$/.test(line) && (line.length === 30 || line.length === 44)) &&
    lines.length < (lines[0].length === 30 ? 3 : 2);
};

/** Go to the next field, as receptionists are used to with Enter; the last one leads to the button. */
function goOn(from) {
  const stops = [...form.querySelectorAll(".desk-main input:not([type=hidden]), .desk-main select, #service")]
    .filter((one) => !one.readOnly && one.offsetParent && (one.type !== "radio" || one.checked));
  const next = stops[stops.indexOf(from) + 1] ?? register;
  next.focus();
  if (next.select) next.select();
}

form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  if (event.ctrlKey) {
    event.preventDefault();
    form.requestSubmit(register);
  } else if (event.target === look) {
    event.preventDefault();
    if (isHalfAnMrz(look.value)) look.value += " ";
    else form.requestSubmit(find);
  } else if (event.target.closest(".desk-main, .visit") && event.target.matches("input, select")) {
    event.preventDefault();
    goOn(event.target);
  } else if (event.target.matches(".answer input")) {
    event.preventDefault();
    register.focus();
  }
});

function toLook() {
  look.focus();
  look.select();
}

onShortcut((event) => {
  if (event.key !== "/") return;
  event.preventDefault();
  toLook();
});

// Function keys work in every field, where a letter would be typed.
const functionKeys = {
  F2: toLook,
  F4: () => form.querySelector("[name=clear]").click(),
  F6: () => form.querySelector("[name=kind]:checked").focus(),
  F8: () => document.getElementById("service").focus(),
};
addEventListener("keydown", (event) => {
  const act = functionKeys[event.key];
  if (!act || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  event.preventDefault();
  act();
});

addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const people = [...document.querySelectorAll(".found-person")];
  const at = people.indexOf(document.activeElement);
  const target = at >= 0
    ? people[at + (event.key === "ArrowDown" ? 1 : -1)]
    : event.target === look && event.key === "ArrowDown" ? people[0] : null;
  if (!target) return;
  event.preventDefault();
  target.focus();
});

// A second press while the first one is on its way; the server would answer it with the same visit anyway.
form.addEventListener("submit", () => setTimeout(() => {
  register.disabled = find.disabled = true;
}));
addEventListener("pageshow", () => {
  register.disabled = find.disabled = false;
});

let asked = 0;
let typing = 0;
async function showNotes() {
  const mine = ++asked;
  const fields = new URLSearchParams(new FormData(form));
  fields.delete("look");
  try {
    const answer = await fetchOurs(form.dataset.notes, { method: "POST", body: fields });
    const html = await answer.text();
    if (mine !== asked) return; // something was typed meanwhile
    notes.innerHTML = html;
    const codes = notes.querySelector(".notes").dataset.codes.split(" ");
    for (const box of document.querySelectorAll(".answer")) {
      const isAsked = box.dataset.answers.split(" ").some((code) => codes.includes(code));
      const input = box.querySelector("input");
      box.hidden = !isAsked && !input.checked && !(input.type !== "checkbox" && input.value);
    }
  } catch (error) {
    if (error instanceof SignedOut) leave();
    // No contact: the notes are asked for again with the next change, and the button checks everything anew.
  }
}

form.addEventListener("input", (event) => {
  if (event.target === look) return;
  if (event.target.name === "kind") showFields();
  clearTimeout(typing);
  typing = setTimeout(showNotes, 400);
});

showFields();
const wrong = form.querySelector("[aria-invalid]");
const answer = document.querySelector(".answer:not([hidden]) input");
const hasPeople = document.querySelector(".desk-side > section .found-person");
if (wrong?.offsetParent) wrong.focus();
else if (answer) answer.focus();
else if (!hasPeople && form.elements.full_name.value) firstMissing().focus();

/** What is to be said next of somebody who was looked up: a card and a record have it all, a name that was typed has not. */
function firstMissing() {
  const { kind, born_on: bornOn, age, personal_number: number, old_number: oldNumber, service } = form.elements;
  if (!bornOn.value && !age.value) return bornOn;
  const isKnown = !form.elements.patient_id.disabled;
  if (isKnown || kind.value !== "documents" || number.value || oldNumber.value) return service;
  return number;
}
