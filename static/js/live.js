// Renews the parts of a page that shows something running. It asks for the same
// URL again and puts the parts marked data-live in place if they have changed;
// open sections, focus and the reading position stay. Hidden tabs do not ask.

const main = document.querySelector("main[data-refresh]");
const state = document.querySelector("[data-live-state]");
const seconds = Number(main?.dataset.refresh) || 15;
let paused = false;
let failedSince = null;
let timer;

function show() {
  if (!state) return;
  state.hidden = false;
  const text = paused
    ? " · paused "
    : failedSince
      ? " · no answer since " + failedSince.toISOString().slice(11, 16) + " UTC "
      : " · live ";
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = paused ? "resume" : "pause";
  button.addEventListener("click", () => {
    paused = !paused;
    show();
    state.querySelector("button").focus();
    schedule();
  });
  state.replaceChildren(text, button);
}

function schedule() {
  clearTimeout(timer);
  if (!paused && document.visibilityState === "visible") timer = setTimeout(renew, seconds * 1000);
}

async function renew() {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    swap(new DOMParser().parseFromString(await answer.text(), "text/html"));
    failedSince = null;
  } catch {
    failedSince ??= new Date();
  }
  show();
  schedule();
}

function swap(fresh) {
  if (!fresh.querySelector("main[data-refresh]")) {
    // It has finished: the whole page is different now.
    location.reload();
    return;
  }
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.querySelector(`[data-live="${CSS.escape(part.dataset.live)}"]`);
    if (next) replace(part, next);
  }
  document.title = fresh.title;
  const asOf = fresh.querySelector("footer time");
  if (asOf) document.querySelector("footer time")?.replaceWith(asOf);
}

// What the server said, without what changes by itself or by the reader: the
// words of times, shown copy buttons, open sections.
function said(part) {
  return part.innerHTML.replace(/(<time\b[^>]*>)[^<]*/g, "$1").replace(/ (hidden|open)=""/g, "");
}

function replace(part, next) {
  if (part.contains(document.activeElement) || said(part) === said(next)) return;
  for (const open of part.querySelectorAll("details[open][id]")) {
    next.querySelector("#" + CSS.escape(open.id))?.setAttribute("open", "");
  }
  if (part.dataset.live === "verdict" && part.dataset.f !== next.dataset.f) {
    const sentence = next.querySelector("h2")?.textContent ?? "";
    document.dispatchEvent(new CustomEvent("drover:say", { detail: sentence }));
  }
  part.replaceChildren(...next.childNodes);
  for (const { name, value } of next.attributes) part.setAttribute(name, value);
  part.dispatchEvent(new CustomEvent("drover:swap", { bubbles: true }));
}

document.addEventListener("visibilitychange", schedule);
show();
schedule();
