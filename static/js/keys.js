// Single-key shortcuts. What each key does stands in the dialog of the page,
// which the server writes from one table: the rows carry the key, the action
// and what it works on. No key acts in a field, and none is the only way.

const dialog = document.querySelector("dialog[data-keys]");
const bindings = [...(dialog?.querySelectorAll("tr[data-press]") ?? [])].map((row) => ({
  press: row.dataset.press, action: row.dataset.action, target: row.dataset.target,
}));

const all = (selector) => [...document.querySelectorAll(selector)].filter((e) => e.getClientRects().length > 0);
const say = (text) => document.dispatchEvent(new CustomEvent("drover:say", { detail: text }));

// Rows and cards hold real links: the one that is the row's name takes the focus.
const linkOf = (item) => item.querySelector("th a, h3 a") ?? item.querySelector("a, button");

function move(selector, step) {
  const items = all(selector).filter(linkOf);
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const item = items[at < 0 ? (step > 0 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, at + step))];
  if (!item) return;
  linkOf(item).focus();
  item.scrollIntoView({ block: "nearest" });
}

// The first of the targets in the card that has the focus, else in the page.
function within(selector) {
  const card = document.activeElement?.closest(".failure");
  const found = all(selector);
  (found.find((e) => card?.contains(e)) ?? found[0])?.click();
}

async function copyLink() {
  try {
    await navigator.clipboard.writeText(location.href);
    say("Link copied");
  } catch {
    say("The browser did not allow copying");
  }
}

const actions = {
  help: () => show(),
  go: (target) => location.assign(target),
  focus: (target) => {
    const field = all(target)[0];
    field?.focus();
    if (field?.select) field.select();
  },
  next: (target) => move(target, 1),
  previous: (target) => move(target, -1),
  open: (target) => {
    const item = document.activeElement?.closest(target);
    if (item) (item.contains(document.activeElement) ? document.activeElement : linkOf(item))?.click();
  },
  select: (target) => document.activeElement?.closest(target)?.querySelector("input[type=checkbox]")?.click(),
  follow: (target) => all(target)[0]?.click(),
  within,
  copy: () => copyLink(),
  leave: () => document.activeElement?.blur(),
};

function show() {
  for (const row of dialog.querySelectorAll("tr[data-target]")) {
    const { action, target } = row.dataset;
    row.hidden = Boolean(target) && action !== "go" && all(target).length === 0;
  }
  dialog.showModal();
}

const typing = (element) => element.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");

let before = "";
let since = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (dialog.open || document.querySelector("dialog[open]")) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const sequence = event.timeStamp - since < 1500 && before ? before + " " + event.key : event.key;
  // Of two lines with the same keys the first wins: that of the page.
  const found = bindings.find((b) => b.press === sequence) ?? bindings.find((b) => b.press === event.key);
  const begins = bindings.some((b) => b.press.startsWith(sequence + " ")) ? sequence : "";
  before = found && !begins ? "" : begins || (bindings.some((b) => b.press.startsWith(event.key + " ")) ? event.key : "");
  since = event.timeStamp;
  if (!found) return;
  event.preventDefault();
  before = "";
  actions[found.action]?.(found.target);
});

// The way to the keys for a pointer: the link in the footer leads to the help
// page, and with this script to the dialog.
document.querySelector("[data-show-keys]")?.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  show();
});
