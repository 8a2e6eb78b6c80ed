// A table that changes while somebody reads it: the row in hand stays where it is, and a row that says the same stays
// the element it was, or a press that began on it would be lost.

const HAND_RESTS_MS = 3_000;
let hand = null; // where the mouse last moved

for (const kind of ["pointermove", "pointerdown"]) {
  addEventListener(kind, ({ clientX, clientY }) => (hand = { x: clientX, y: clientY, at: performance.now() }), {
    passive: true,
  });
}

/** The row under a moving mouse or the keyboard; of a list scrolled up, the first one in sight. */
function inHand(rows) {
  const focused = document.activeElement?.closest("tr");
  if (rows.contains(focused)) return focused;
  if (hand && performance.now() - hand.at < HAND_RESTS_MS) {
    const row = document.elementFromPoint(hand.x, hand.y)?.closest("tr");
    if (rows.contains(row)) return row;
  }
  if (rows.getBoundingClientRect().top >= 0) return null; // whoever sees the list's head wants to see who comes
  return [...rows.children].find((row) => row.getBoundingClientRect().bottom > 0) ?? null;
}

/** Make a change to the page; what is above the row in hand grows and shrinks out of sight. */
export function holding(rows, change) {
  const row = inHand(rows);
  const top = row?.getBoundingClientRect().top;
  change();
  const same = row && document.getElementById(row.id);
  if (same) scrollBy({ top: same.getBoundingClientRect().top - top, behavior: "instant" });
}

/** Have ``rows`` hold these elements in this order; those that stay are not touched. */
export function arrange(rows, wanted) {
  const stays = new Set(wanted);
  for (const row of [...rows.children]) if (!stays.has(row)) row.remove();
  let next = rows.firstElementChild;
  for (const row of wanted) {
    if (row === next) next = next.nextElementSibling;
    else rows.insertBefore(row, next);
  }
}
