// What every page has: copy buttons, relative times and questions before an
// action. Every page works without it.

// Copy buttons are hidden in the page, since without a script they cannot work.
function startCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("[data-copy][hidden]")) {
    button.hidden = false;
  }
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    say("Copied");
    button.dataset.done = "";
    setTimeout(() => delete button.dataset.done, 1500);
  } catch {
    say("The browser did not allow copying");
  }
}

// One polite region for all announcements of this page.
const live = document.createElement("div");
live.className = "vh";
live.setAttribute("aria-live", "polite");
live.setAttribute("role", "status");
document.querySelector("footer")?.append(live);

function say(text) {
  live.textContent = text;
}

// The same words as on the server, so that nothing jumps at the first tick.
function ago(then, now) {
  let s = Math.round((now - then) / 1000);
  const future = s < 0;
  s = Math.abs(s);
  if (s < 45 && !future) return "just now";
  let text;
  if (s < 60) text = s + " s";
  else if (s < 3600) text = Math.floor(s / 60) + " min";
  else if (s < 48 * 3600) text = Math.floor(s / 3600) + " h";
  else if (s < 60 * 86400) text = Math.floor(s / 86400) + " days";
  else return ""; // the date, which the server wrote in the reader's time zone
  return future ? "in " + text : text + " ago";
}

function tick() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const text = ago(Date.parse(time.dateTime), now);
    if (text && time.textContent !== text) time.textContent = text;
  }
}

// Forms that ask before they are sent; without a script they are just sent.
function ask(form) {
  const dialog = document.createElement("dialog");
  const question = document.createElement("p");
  question.textContent = form.dataset.confirm;
  question.id = "confirm-question";
  dialog.setAttribute("aria-labelledby", question.id);
  const buttons = document.createElement("form");
  buttons.method = "dialog";
  buttons.className = "actions";
  for (const [value, text] of [["no", "Cancel"], ["yes", form.querySelector("button").textContent.trim()]]) {
    const button = document.createElement("button");
    button.className = "button";
    button.value = value;
    button.textContent = text;
    if (value === "yes" && form.querySelector("button").hasAttribute("data-danger")) button.dataset.danger = "";
    buttons.append(button);
  }
  dialog.append(question, buttons);
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    const yes = dialog.returnValue === "yes";
    dialog.remove();
    if (yes) form.submit();
  });
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copy(button);
});

document.addEventListener("submit", (event) => {
  if (event.target.dataset.confirm && typeof HTMLDialogElement === "function") {
    event.preventDefault();
    ask(event.target);
  }
});

// Settings: the browser knows its own time zone, the server does not.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
for (const button of document.querySelectorAll("[data-browser-zone]")) {
  if (!zone) continue;
  button.hidden = false;
  button.textContent += ", " + zone;
  button.addEventListener("click", () => {
    document.getElementById(button.dataset.browserZone).value = zone;
  });
}

// Whoever comes back sees the rows of the address; the fields must be those of
// the address too, not what was typed before leaving.
addEventListener("pageshow", (event) => {
  if (!event.persisted && performance.getEntriesByType("navigation")[0]?.type !== "back_forward") return;
  for (const form of document.querySelectorAll(".filters")) form.reset?.();
});

document.querySelector(".error-list")?.focus();
startCopyButtons(document);
document.addEventListener("drover:swap", (event) => startCopyButtons(event.target));
document.addEventListener("drover:say", (event) => say(event.detail));
tick();
setInterval(tick, 15000);
