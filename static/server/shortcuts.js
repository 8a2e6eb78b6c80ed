// Keys that work without a modifier can be switched off: speech input types them by accident (WCAG 2.1.4).
const KEPT_AS = "tiepdon-shortcuts";
const tick = document.getElementById("shortcuts");

tick.checked = localStorage.getItem(KEPT_AS) !== "off";
tick.addEventListener("change", () => localStorage.setItem(KEPT_AS, tick.checked ? "on" : "off"));

// "?" tells a page's keys; while the list is open they wait.
const keys = document.getElementById("keys");
document.getElementById("keys-open")?.addEventListener("click", () => keys.showModal());

/** Call act(event) for keys pressed outside of fields and without modifiers, while the switch is on. */
export function onShortcut(act) {
  addEventListener("keydown", (event) => {
    const isField = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName) && event.target.type !== "checkbox";
    if (!tick.checked || isField || event.repeat || event.ctrlKey || event.altKey || event.metaKey || keys?.open) return;
    if (event.key === "?" && keys) keys.showModal();
    else act(event);
  });
}
