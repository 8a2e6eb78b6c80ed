// One visit's page by keyboard: a letter leads to what it names, and opens it; nothing is done by a letter alone.

import { onShortcut } from "./shortcuts.js";

const FIELDS = "input:not([type=hidden]), select, textarea";
const ofKey = (key) => [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key);

onShortcut((event) => {
  const found = ofKey(event.key.toLowerCase());
  if (!found) return;
  event.preventDefault();
  if (found.matches("a")) {
    found.click();
  } else if (found.matches("details")) {
    found.open = true;
    (found.querySelector(FIELDS) ?? found.querySelector("summary")).focus();
  } else {
    found.focus();
  }
});

// Only the keys of what is on the page stand in the list.
for (const term of document.querySelectorAll("#keys dt[data-of]")) {
  if (ofKey(term.dataset.of)) continue;
  term.nextElementSibling.remove();
  term.remove();
}
