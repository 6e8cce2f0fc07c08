// The log viewer: lines are loaded when they come near, lines are chosen by a
// click on their numbers, hits are walked with keys, and a log that is still
// written is followed. Without this, links, forms and fragments do the same.

const log = document.querySelector(".log-main .log");
const one = (selector, root = document) => root.querySelector(selector);
const every = (selector, root = document) => [...root.querySelectorAll(selector)];
const number = (element, key) => Number(element.dataset[key]);
const group = (n) => (n < 10000 ? String(n) : String(n).replace(/\B(?=(\d{3})+$)/g, "\u00a0"));
const say = (text) => document.dispatchEvent(new CustomEvent("drover:say", { detail: text }));

const step = 500; // lines of a block
const near = 1500; // pixels from the view at which lines are loaded
const far = 10000; // lines from the view at which they are dropped
const followButton = one("[data-follow]");
let total = number(log, "lines");
let chosen = range(one("#log-l")?.value);
let loadingAll = false;
let following = false;
let placed = 0; // the line that was brought into view, until somebody reads on
let missed = 0; // lines that came while the end was not in view

function range(text) {
  const [first, last] = (text || "").split("-").map(Number);
  return first > 0 ? { first, last: Math.max(first, last || 0) } : null;
}

// Loading: what is not here is a gap, which is a link without a script.

async function fetchLines(from, to) {
  const url = new URL(location.pathname, location.origin);
  url.search = new URLSearchParams({ from, to });
  const answer = await fetch(url, { headers: { "X-Fragment": "lines" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".log-part");
  return { part, blocks: [...part.children] };
}

function makeGap(first, last) {
  const gap = document.createElement("p");
  gap.className = "log-gap";
  const link = document.createElement("a");
  gap.append(link);
  label(gap, first, last);
  return gap;
}

function label(gap, first, last) {
  gap.dataset.first = first;
  gap.dataset.last = last;
  gap.firstElementChild.textContent = "Lines " + group(first) + " to " + group(last);
  gap.firstElementChild.href = location.pathname + "?from=" + first;
}

// open leaves out what is in a closed section: it has a place and a size, but
// is not seen.
const open = (elements) => elements.filter((element) => !element.closest("details:not([open])"));
const blocksSeen = () => open(every(".log-block", log));

// Changes above what is being read must not move it.
function still(change) {
  const top = log.getBoundingClientRect().top;
  const anchor = blocksSeen().find((block) => block.getBoundingClientRect().bottom > top + 1);
  const before = anchor?.getBoundingClientRect().top;
  change();
  if (anchor?.isConnected) log.scrollTop += anchor.getBoundingClientRect().top - before;
}

// load puts the lines from to to into a gap that has them; the block old, of
// which they are a newer state, goes.
async function load(gap, from, to, old) {
  if (gap.dataset.busy) return false;
  gap.dataset.busy = "1";
  const first = number(gap, "first"), last = number(gap, "last");
  try {
    const { blocks } = await fetchLines(from, Math.min(to, last));
    if (!blocks.length) throw new Error("no lines");
    const got = number(blocks.at(-1), "last");
    still(() => {
      const parts = [...blocks];
      if (first < from) parts.unshift(makeGap(first, from - 1));
      if (got < last) parts.push(makeGap(got + 1, last));
      gap.replaceWith(...parts);
      old?.remove();
    });
    paint();
    return true;
  } catch {
    gap.dataset.failed = "1"; // its link still works
    delete gap.dataset.busy;
    return false;
  }
}

const pause = () => new Promise((done) => setTimeout(done, 50));
const blockStart = (line) => line - ((line - 1) % step);

// fill loads the next block of a gap, on the side from which it is reached.
function fill(gap) {
  const first = number(gap, "first"), last = number(gap, "last");
  const above = gap.previousElementSibling?.matches(".log-block"), below = gap.nextElementSibling?.matches(".log-block");
  const view = log.getBoundingClientRect(), at = gap.getBoundingClientRect();
  if (below && (!above || at.top < view.top + view.height / 2)) return load(gap, Math.max(first, blockStart(last)), last);
  // The last line of a log that is still written may have been half a line.
  const old = above && followButton ? gap.previousElementSibling : null;
  return load(gap, old ? number(old, "first") : first, blockStart(first) + step - 1, old);
}

async function fillNear() {
  const view = log.getBoundingClientRect();
  const gap = open(every(".log-gap:not([data-busy], [data-failed])", log)).find((one) => {
    const at = one.getBoundingClientRect();
    return at.bottom > view.top - near && at.top < view.bottom + near;
  });
  if (!gap || "only" in log.dataset) return;
  if (await fill(gap)) {
    dropFar();
    requestAnimationFrame(fillNear);
  }
}

// dropFar keeps the page small: lines far from the view become gaps again.
function dropFar() {
  if (loadingAll) return;
  const here = lineInView();
  const away = every(".log-block", log).filter((block) => number(block, "first") - here > far || here - number(block, "last") > far);
  if (!away.length) return;
  still(() => {
    for (const block of away) block.replaceWith(makeGap(number(block, "first"), number(block, "last")));
    for (const gap of every(".log-gap + .log-gap", log)) {
      const before = gap.previousElementSibling;
      label(gap, number(before, "first"), number(gap, "last"));
      before.remove();
    }
  });
}

async function loadAll(button) {
  loadingAll = true;
  button.disabled = true;
  for (let gap; (gap = one(".log-gap:not([data-failed])", log)); ) {
    if (gap.dataset.busy) {
      await pause(); // scrolling loads it just now
      continue;
    }
    const first = number(gap, "first");
    button.textContent = "Loading, at line " + group(first);
    await load(gap, first, blockStart(first) + 10 * step - 1);
  }
  button.hidden = true;
  say("The whole log is loaded");
}

// Places of lines.

const blockOf = (line) => every(".log-block", log).find((b) => number(b, "first") <= line && line <= number(b, "last"));

// gapOf is the gap that a line is in, when nothing of it is being loaded.
async function gapOf(line) {
  for (;;) {
    const gap = every(".log-gap", log).find((g) => number(g, "first") <= line && line <= number(g, "last"));
    if (!gap?.dataset.busy) return gap;
    await pause();
  }
}

// box is where a line of a block is on the screen.
function box(block, line) {
  const own = one(`.l[data-n="${line}"]`, block);
  if (own) return own.getBoundingClientRect();
  const text = one(".tx", block), top = text.getBoundingClientRect().top, index = line - number(block, "first");
  if (one(".ln", block).offsetParent) return new DOMRect(0, top + index * 18, 0, 18);
  // Lines are wrapped and have no numbers: measure the text itself.
  const place = document.createRange(), walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  let lines = 0, begun = index === 0;
  place.setStart(text, 0);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    for (let at = node.data.indexOf("\n"); at >= 0; at = node.data.indexOf("\n", at + 1)) {
      lines++;
      if (lines === index) {
        place.setStart(node, at + 1);
        begun = true;
      } else if (begun && lines === index + 1) {
        place.setEnd(node, at);
        return place.getBoundingClientRect();
      }
    }
  }
  return text.getBoundingClientRect();
}

function lineInView() {
  const top = log.getBoundingClientRect().top;
  const block = blocksSeen().find((b) => b.getBoundingClientRect().bottom > top + 1);
  if (!block) return 1;
  const at = block.getBoundingClientRect(), first = number(block, "first"), count = number(block, "last") - first + 1;
  return first + Math.floor((Math.max(0, top - at.top) / at.height) * count);
}

// show brings a line into view, near the top; lines that are not here are loaded.
async function show(line, page) {
  line = Math.max(1, Math.min(line, total));
  const gap = await gapOf(line);
  if (gap) {
    const from = Math.max(number(gap, "first"), blockStart(Math.max(1, line - 100)));
    await load(gap, from, from + 2 * step - 1);
  }
  if (!blockOf(line)) {
    location.assign(location.pathname + "?l=" + line);
    return;
  }
  const block = blockOf(line);
  const fold = block.closest("details");
  if (fold) fold.open = true;
  const view = log.getBoundingClientRect();
  log.scrollTop += box(block, line).top - view.top - view.height / 5;
  placed = line;
  const at = box(block, line).top;
  if (page || at < 0 || at > innerHeight * 0.8) scrollBy(0, at - innerHeight / 4);
  fillNear();
}

