// Asks for the number's standing three times a minute while the page is looked at; works without this script by its link.
const standing = document.getElementById("standing");

/** Change what has changed and nothing else: a screen reader speaks the live part, and is not to speak it every time. */
function show(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  const [old, now] = [[...standing.children], [...fresh.content.children]];
  const isSameKind = old.length === now.length && old.every((one, at) => one.tagName === now[at].tagName);
  if (!isSameKind) return standing.replaceChildren(fresh.content);
  old.forEach((one, at) => {
    for (const { name, value } of now[at].attributes) one.setAttribute(name, value);
    if (one.innerHTML !== now[at].innerHTML) one.innerHTML = now[at].innerHTML;
  });
}

// Called: the phone in the hand trembles, where it can, and the tab says it.
const title = document.title;
const called = () => standing.querySelector(".urgent")?.textContent ?? "";
let wasCalled = called();

function tell() {
  document.title = called() || title;
  if (called() && !wasCalled) navigator.vibrate?.([400, 200, 400]);
  wasCalled = called();
}

async function look() {
  if (document.hidden) return;
  try {
    const answer = await fetch(standing.dataset.stateAddress, { cache: "no-store", credentials: "same-origin" });
    if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
    show(await answer.text());
    tell();
  } catch {
    const at = document.getElementById("at");
    at.textContent = standing.dataset.lost.replace("%time%", at.dataset.at);
  }
}

tell();
setInterval(look, 20_000);
document.addEventListener("visibilitychange", look);
