// The key pad: digits appear at once, on this machine and in this page only, and are gone with it.

/** Bring the number pad of a new screen to life, if it has one. */
export function attachNumberPad(screen) {
  const form = screen.querySelector("[data-number-pad]");
  if (!form) return;
  const length = Number(form.dataset.numberPad);
  const least = Number(form.dataset.least ?? length);
  const signs = "letters" in form.dataset ? /^[0-9a-z]$/i : /^[0-9]$/;
  const input = form.elements.namedItem("digits");
  const row = form.querySelector(".digits");
  const said = form.querySelector("[data-said]");
  const enter = form.querySelector("[data-enter]");

  function show(digits) {
    input.value = digits;
    said.textContent = said.dataset.said.replace("#", digits.length);
    [...row.children].forEach((box, place) => {
      box.textContent = digits[place] ?? "";
      box.classList.toggle("digits__box--next", place === digits.length);
    });
    enter.setAttribute("aria-disabled", String(digits.length < least));
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
    if (input.value.length >= least) return;
    event.preventDefault();
    event.stopPropagation();
  });

  screen.addEventListener("keydown", (event) => {
    if (signs.test(event.key)) press(event.key.toUpperCase());
    else if (event.key === "Backspace") press("delete");
  });

  show(input.value);
}
