// Keeps an open page up to date. One stream says what was changed while the tab
// can be seen; the parts concerned are fetched and put in place, so that focus,
// open sections and what is selected stay. New rows wait until they are wanted.
// Without it, or while the server is away, the page stays as it was loaded.

const main = document.querySelector("main[data-live]");
const state = document.querySelector("[data-live-state]");
const collect = 1000;
const again = 5000; // ms before a stream is opened again that the browser gave up
const patience = 120000; // without a stream, before the page says that it may be old

let source;
let last = main.dataset.at; // the newest change that was heard
let paused = false;
let downSince;
let hiding;
let reopening;
let fetching;
let busy = false;
const wanted = new Set(); // parts to fetch
const tags = new Map();
const waiting = new Map(); // parts with rows that wait

// Stream

function open() {
  clearTimeout(hiding);
  clearTimeout(reopening);
  if (source || paused || document.visibilityState !== "visible") return;
  source = new EventSource(`${main.dataset.events}?topics=${encodeURIComponent(main.dataset.live)}&last=${last}`);
  source.onopen = () => {
    downSince = undefined;
    show();
    later();
  };
  source.onerror = () => {
    downSince ??= Date.now();
    if (source.readyState === EventSource.CLOSED) {
      close();
      reopening = setTimeout(open, again);
    }
    show();
  };
  source.addEventListener("change", (event) => {
    heard(event);
    want(JSON.parse(event.data).parts);
  });
  source.addEventListener("reset", (event) => {
    heard(event);
    want([]);
  });
  source.addEventListener("seen", heard);
}

function heard(event) {
  if (event.lastEventId) last = event.lastEventId;
}

function close() {
  source?.close();
  source = undefined;
}

// Parts

const parts = () => [...document.querySelectorAll("[data-part]")];

// None named are all.
function want(names) {
  for (const { dataset } of parts()) {
    if (names.length === 0 || names.includes(dataset.part)) wanted.add(dataset.part);
  }
  later();
}

function later(wait = document.visibilityState === "visible" ? collect : again) {
  if (wanted.size === 0 || busy || paused) return;
  fetching ??= setTimeout(renew, wait);
}

async function renew() {
  const names = [...wanted].sort().join(",");
  const keepWanting = () => names.split(",").forEach((name) => wanted.add(name));
  wanted.clear();
  busy = true;
  let wait;
  try {
    const headers = { Accept: "text/html", "HX-Request": "true", "X-Fragment": names, "X-Live-At": last };
    if (tags.has(names)) headers["If-None-Match"] = tags.get(names);
    const answer = await fetch(location.pathname + location.search, { headers, cache: "no-store" });
    if (answer.ok && !paused) {
      tags.set(names, answer.headers.get("ETag"));
      await put(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } else if (answer.status >= 429 || paused) {
      keepWanting();
      wait = again;
    }
  } catch { // the server is away, which the stream says, too
    keepWanting();
    wait = again;
  }
  busy = false;
  fetching = undefined;
  later(wait);
}

async function put(fresh) {
  const morph = await morpher();
  for (const next of fresh.querySelectorAll("[data-part]")) {
    const part = parts().find(({ dataset }) => dataset.part === next.dataset.part);
    if (part) renewPart(part, next, morph);
  }
  document.title = fresh.title;
  for (const which of ["link[rel=icon]", "time[data-as-of]"]) {
    const next = fresh.querySelector(which);
    if (next) document.querySelector(which)?.replaceWith(next);
  }
  pills();
}

// The library that puts new content into old elements is loaded when it is first needed.
function morpher() {
  return (morpher.loaded ??= new Promise((done) => {
    const script = document.createElement("script");
    script.src = main.dataset.morph;
    script.onload = () => done(window.Idiomorph.morph);
    script.onerror = () => done((old, next) => { if (!old.contains(document.activeElement)) old.replaceWith(next); });
    document.head.append(script);
  }));
}

const keep = {
  // What is being typed is the reader's.
  beforeNodeMorphed: (old) => !(old.nodeType === 1 && old.matches("form.filters")),
  // So is what is open, and buttons that only work with a script.
  beforeAttributeUpdated: (name, node) => !(name === "open" || (name === "hidden" && node.matches("[data-copy]"))),
};

function renewPart(part, next, morph) {
  const whole = next.cloneNode(true);
  const columns = newColumns(part, next);
  if (columns > 0) {
    waiting.set(part.dataset.part, { added: columns, gone: 0, whole, part });
    return;
  }
  const held = hold(part, next);
  if (held.added + held.gone > 0) waiting.set(part.dataset.part, { ...held, whole, part });
  else waiting.delete(part.dataset.part);
  const before = part.querySelector("[data-verdict]")?.dataset.verdict;
  morph(part, next, { callbacks: keep });
  const box = part.querySelector("[data-verdict]");
  if (box && before && box.dataset.verdict !== before) say(box.querySelector("h2").textContent);
  part.dispatchEvent(new CustomEvent("drover:swap", { bubbles: true }));
}

// Columns: while there are others than the reader sees, the whole part waits.

const shapeOf = (root) => root.querySelector("[data-shape]")?.dataset.shape.split(" ") ?? [];

function newColumns(part, next) {
  const [old, fresh] = [shapeOf(part), shapeOf(next)];
  const added = fresh.filter((column) => !old.includes(column)).length;
  return added > 0 ? added : Number(fresh.length !== old.length);
}

// Rows

const rowsOf = (root) => [...root.querySelectorAll("[data-row], details[id]")];
const nameOf = (row) => row.dataset.row ?? "#" + row.id;

function keyed(root) {
  const rows = new Map();
  for (const row of rowsOf(root)) {
    let key = nameOf(row);
    for (let up = row.parentElement; up && up !== root; up = up.parentElement) {
      if (up.matches("[data-row], details[id]")) key = nameOf(up) + " " + key;
    }
    rows.set(key, row);
  }
  return rows;
}

const leaves = (row) => rowsOf(row).filter((inner) => rowsOf(inner).length === 0).length || 1;

// Takes out of the fresh part what would move the page: rows that are new. Those
// that went stay as they are, and all have the order that the reader sees.
function hold(part, next) {
  const old = keyed(part);
  const fresh = keyed(next);
  let added = 0;
  let gone = 0;
  for (const [key, row] of fresh) {
    if (old.has(key) || !next.contains(row)) continue;
    added += leaves(row);
    row.remove();
  }
  const lists = new Map([[part, { place: next, rows: [] }]]); // old parents with their rows
  for (const [key, row] of old) {
    const parent = row.parentElement;
    if (!lists.has(parent)) lists.set(parent, { rows: [] });
    const list = lists.get(parent);
    list.rows.push([row, fresh.get(key)]);
    list.place ??= fresh.get(key)?.parentElement;
  }
  for (const [parent, { place, rows }] of lists) {
    if (!place || rows.length === 0) continue;
    const mark = document.createComment("");
    const stays = rows.find(([, there]) => there);
    if (stays) stays[1].before(mark);
    else if (parent.firstElementChild === rows[0][0]) place.prepend(mark);
    else place.append(mark);
    for (const [row, there] of rows) {
      let node = there;
      if (!node) {
        node = row.cloneNode(true);
        node.dataset.gone = "";
        gone += leaves(row);
      }
      mark.before(node);
    }
    mark.remove();
  }
  return { added, gone };
}

function pills() {
  let box = document.querySelector(".pills");
  if (!box) {
    box = document.createElement("div");
    box.className = "pills";
    main.append(box);
  }
  const buttons = [];
  for (const [name, { added, gone, part }] of waiting) {
    const { one, several } = part.dataset;
    if (!one) continue;
    const text = added > 0 ? `${added} ${added === 1 ? one : several}: show` : `${gone} no longer here: renew`;
    const button = box.querySelector(`[data-pill="${name}"]`) ?? document.createElement("button");
    button.type = "button";
    button.dataset.pill = name;
    if (button.textContent !== text) button.textContent = text;
    button.onclick = () => showRows(name);
    buttons.push(button);
  }
  for (const button of [...box.children]) if (!buttons.includes(button)) button.remove();
  for (const button of buttons) if (!button.isConnected) box.append(button);
}

async function showRows(name) {
  const { whole, part } = waiting.get(name);
  waiting.delete(name);
  const known = keyed(part);
  (await morpher())(part, whole, { callbacks: keep });
  part.dispatchEvent(new CustomEvent("drover:swap", { bubbles: true }));
  pills();
  const first = [...keyed(part)].find(([key]) => !known.has(key))?.[1];
  (first?.querySelector("a, summary") ?? part.querySelector("a"))?.focus();
}

// What is said aloud: one sentence in a while, the newest.

let sentence;
let saidAt = -Infinity;
let saying;

function say(text) {
  sentence = text;
  saying ??= setTimeout(() => {
    saying = undefined;
    saidAt = performance.now();
    document.dispatchEvent(new CustomEvent("drover:say", { detail: sentence }));
  }, Math.max(0, saidAt + 15000 - performance.now()));
}

// Footer

const words = document.createElement("span");
const button = document.createElement("button");
button.type = "button";
button.dataset.livePause = "";
button.addEventListener("click", () => pause(!paused));
state.append(words, button);
state.hidden = false;

function show() {
  const since = downSince && new Date(downSince).toISOString().slice(11, 16) + " UTC";
  const old = downSince && Date.now() - downSince > patience;
  let text = "live";
  if (paused) text = "paused";
  else if (downSince) text = "reconnecting since " + since + (old ? "; this page may be old" : "");
  words.textContent = " · " + text + " ";
  button.textContent = paused ? "Resume" : "Pause";
  state.toggleAttribute("data-old", Boolean(old) && !paused);
}

function pause(yes) {
  paused = yes;
  if (paused) {
    close();
    clearTimeout(fetching);
    fetching = undefined;
    downSince = undefined;
  } else {
    open();
    later();
  }
  show();
}

document.addEventListener("drover:pause", () => pause(!paused));
document.addEventListener("visibilitychange", () => {
  clearTimeout(hiding);
  if (document.visibilityState === "visible") open();
  else hiding = setTimeout(close, 5000);
});
window.addEventListener("pagehide", close);
window.addEventListener("pageshow", open);
setInterval(show, 10000);
show();
open();
