// The key pad: digits appear at once, on this machine and in this page only, and are gone with it.

/** How long a number that is complete may be looked at before it is sent by itself; any key of the pad stops that. */
const FINISHES_AFTER_MS = 2000;

/** Bring the number pad of a new screen to life, if it has one; `before` is the screen in whose place it came. */
export function attachNumberPad(screen, before = null) {
  const form = screen.querySelector("[data-number-pad]");
  if (!form) return;
  const length = Number(form.dataset.numberPad);
  const least = Number(form.dataset.least ?? length);
  const signs = "letters" in form.dataset ? /^[0-9a-z]$/i : /^[0-9]$/;
  const input = form.elements.namedItem("digits");
  const row = form.querySelector(".digits");
  const said = form.querySelector("[data-said]");
  const enter = form.querySelector("[data-enter]");
  let finishing = null;

  function show(digits) {
    input.value = digits;
    said.textContent = said.dataset.said.replace("#", digits.length);
    [...row.children].forEach((box, place) => {
      box.textContent = digits[place] ?? "";
      box.classList.toggle("digits__box--next", place === digits.length);
    });
    enter.setAttribute("aria-disabled", String(digits.length < least));
    const isComplete = "finishes" in form.dataset && digits.length === length;
    enter.classList.toggle("key--finishing", isComplete);
    clearTimeout(finishing);
    if (isComplete) finishing = setTimeout(finish, FINISHES_AFTER_MS);
  }

  function finish() {
    if (form.isConnected && !form.closest("[inert]")) form.requestSubmit(enter);
  }

  function press(key) {
    if (key === "delete") show(input.value.slice(0, -1));
    else if (input.value.length < length) show(input.value + key);
  }

  form.addEventListener("click", (event) => {
    const key = event.target.closest("button[name=key]");
    if (key) {
      event.preventDefault();
      press(key.value);
    } else if (event.target.closest("[data-enter]") && input.value.length < least) {
      event.preventDefault();
    }
  });

  form.addEventListener("submit", (event) => {
    clearTimeout(finishing);
    if (input.value.length >= least) return;
    event.preventDefault();
    event.stopPropagation();
  });

  screen.addEventListener("keydown", (event) => {
    if (signs.test(event.key)) press(event.key.toUpperCase());
    else if (event.key === "Backspace") press("delete");
  });

  show(typedBefore(form, before) ?? input.value);
}

/** What was typed into the same field of the same page in another language; null where there is no such thing. */
function typedBefore(form, before) {
  const shown = before?.querySelector("[data-number-pad]");
  if (!shown || shown.dataset.field !== form.dataset.field || before.lang === form.closest("#screen").lang) return null;
  return shown.elements.namedItem("digits").value;
}
