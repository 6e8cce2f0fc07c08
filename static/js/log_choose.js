// Choosing lines.

function choose(first, last, address = true) {
  chosen = first ? { first: Math.min(first, last), last: Math.max(first, last) } : null;
  const text = chosen ? (chosen.first === chosen.last ? String(chosen.first) : chosen.first + "-" + chosen.last) : "";
  const url = new URL(location.href);
  for (const key of ["l", "from", "at"]) url.searchParams.delete(key);
  if (text) url.searchParams.set("l", text);
  url.hash = "";
  if (address) history.replaceState(null, "", url);
  const bar = one(".log-chosen");
  bar.hidden = !chosen;
  const raw = new URL(bar.dataset.raw, location.origin);
  raw.search = "?l=" + text;
  one("[data-chosen-text]", bar).textContent = (text.includes("-") ? "Lines " : "Line ") + text;
  one("[data-chosen-command]", bar).textContent = "curl '" + raw + "'";
  one("[data-copy]", bar).dataset.copy = String(url);
  one("#log-l").value = text;
  for (const mark of every('mark[data-m="chosen"]', log)) mark.dataset.m = "was";
  paint();
}

// paint marks the chosen lines in the blocks that are here.
function paint() {
  for (const old of every(".log-chosen-lines", log)) old.remove();
  if (!chosen || one('mark[data-m="chosen"]', log)) return; // the server has marked them
  for (const block of every(".log-block", log)) {
    const first = Math.max(chosen.first, number(block, "first")), last = Math.min(chosen.last, number(block, "last"));
    if (first > last) continue;
    const top = box(block, first).top, stripe = document.createElement("div");
    stripe.className = "log-chosen-lines";
    stripe.style.top = top - block.getBoundingClientRect().top + "px";
    stripe.style.height = box(block, last).bottom - top + "px";
    block.append(stripe);
  }
}

// lineAt is the line whose number was clicked, 0 for other places.
function lineAt(event) {
  const gutter = event.target.closest(".ln");
  if (gutter) return number(gutter, "first") + Math.floor((event.clientY - gutter.getBoundingClientRect().top) / 18);
  const line = event.target.closest(".l");
  const width = line && parseFloat(getComputedStyle(line, "::before").width);
  return line && event.clientX - line.getBoundingClientRect().left < width ? number(line, "n") : 0;
}

async function copyLines() {
  const raw = new URL(one(".log-chosen").dataset.raw, location.origin);
  raw.search = "?l=" + chosen.first + "-" + chosen.last;
  try {
    const answer = await fetch(raw);
    if (!answer.ok) throw new Error();
    await navigator.clipboard.writeText(await answer.text());
    say("Copied");
  } catch {
    say("The lines could not be copied");
  }
}

function copyOpen() {
  const url = new URL(location.href);
  url.searchParams.set("open", every("details[open]", log).map((fold) => fold.dataset.first).join(","));
  navigator.clipboard.writeText(String(url)).then(() => say("Copied"), () => say("The browser did not allow copying"));
}

// Hits: what the search found, else what the index knows.

function walk(by) {
  const lists = every(".log-side ol.hits");
  const lines = every("a[data-line]", lists[0]).map((a) => number(a, "line")).sort((a, b) => a - b);
  const here = chosen?.first ?? number(log, "target");
  const next = by > 0 ? lines.find((n) => n > here) : lines.findLast((n) => n < here);
  if (next) jump(next);
  else say(by > 0 ? "No hit after this one" : "No hit before this one");
}

function jump(line) {
  choose(line, line);
  show(line);
}

