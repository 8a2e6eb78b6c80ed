// Prints the slip; the browser's own dialogue or, on a desk set up for it, the slip printer without one.
document.getElementById("print").addEventListener("click", () => print());

// At the desk the next patient is one key away.
addEventListener("afterprint", () => document.getElementById("next")?.focus());
