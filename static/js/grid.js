// The grid of a tree: a line above it says what the cell under the pointer or
// the cursor is. Keys work while the grid has the focus: arrows, Home and End,
// n and p for the next and last cell that did not pass, = for the comparison
// with the column on the left, d for the size, Enter.

const box = document.querySelector(".grid-box");
const detail = document.querySelector("[data-grid-detail]");
const usual = "Point at a cell, or use the arrow keys, n and p: what it is stands here.";
let table, names, rows, at, asked, timer;
const known = new Map(); // what the server said of a result

// The rows as they are in the page now; a running grid is renewed.
function load() {
  table = box.querySelector("table");
  names = table.dataset.columns.split("|").map((text) => [text.slice(0, text.indexOf(" ")), text.slice(text.indexOf(" ") + 1)]);
  rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  for (const link of table.querySelectorAll("td a")) link.tabIndex = -1; // arrows lead to them
  if (at) at = { row: Math.min(at.row, rows.length - 1), cell: at.cell };
}

// What a row has: for each cell its word, where it leads and how it is pointed out.
const kept = new WeakMap();
function cellsOf(row) {
  if (!kept.has(row)) kept.set(row, table.dataset.places ? stripCells(row) : linkCells(row));
  return kept.get(row);
}

function linkCells(row) {
  const heads = [...table.tHead.rows[0].cells];
  const list = [];
  let column = -1;
  for (const [i, head] of heads.entries()) {
    if (!head.classList.contains("column")) continue;
    const link = row.cells[i].querySelector("a");
    column += 1;
    list.push({ id: head.querySelector("a").getAttribute("href").split("/")[2], name: head.innerText.trim().replace(/\s+/g, " "), word: link?.getAttribute("aria-label"), href: link?.getAttribute("href"), link, td: row.cells[i], plain: !link || /pass|skip|wait/.test(link.dataset.s) });
  }
  return list;
}

// Runs of a letter, "12p", and results that stand out, "f(8k2m3a)".
function stripCells(row) {
  const td = row.querySelector(".strip-cell");
  const words = Object.fromEntries(table.dataset.words.split(",").map((pair) => pair.split(":")));
  const places = table.dataset.places.split(" ").map(Number);
  const list = [];
  for (const [, run, letter, result] of td.dataset.cells.matchAll(/(\d*)([a-z.])(?:\(([0-9a-z]+)\))?/g)) {
    for (let n = Number(run || 1); n > 0; n--) {
      const i = list.length;
      const href = result
        ? table.dataset.result.replace(/0$/, result)
        : table.dataset.list.replace("/0/", "/" + names[i][0] + "/").replace("TEST", encodeURIComponent(td.dataset.test));
      list.push({ id: names[i][0], name: names[i][1], word: words[letter], href: letter === "." ? null : href, x: places[i], svg: td.querySelector("svg"), plain: !result });
    }
  }
  return list.filter((cell) => cell.x >= 0);
}

function nameOf(row) {
  return row.querySelector("th [data-name]")?.dataset.name ?? row.querySelector("th a").textContent.trim().replace(/^[−+]\s*/, "").replace(/, (show|hide) its tests$/, "");
}

function show(row, cell) {
  const name = document.createElement("b");
  name.textContent = nameOf(row);
  const place = document.createElement("span");
  place.textContent = [cell.name, cell.word ?? "no result"].join(" · ");
  const owner = document.createElement("span");
  owner.className = "quiet";
  owner.textContent = row.querySelector("th [data-owner]")?.dataset.owner ? "Owner: " + row.querySelector("th [data-owner]").dataset.owner : "";
  detail.replaceChildren(name, place, owner);
  clearTimeout(timer);
  asked = cell.href;
  if (cell.href?.startsWith("/results/")) timer = setTimeout(more, 120, cell.href, place);
}

// Host, duration and first error come from the result itself.
async function more(href, place) {
  try {
    if (!known.has(href)) {
      const answer = await fetch(href + ".json");
      if (!answer.ok) return;
      const { data } = await answer.json();
      known.set(href, [data.arch, data.config, data.host, data.duration > 0 ? lasted(data.duration) : "", data.first_error || data.reason].filter(Boolean).join(" · "));
    }
    if (asked === href) place.textContent += " · " + known.get(href);
  } catch {
    // The link still leads there.
  }
}

function lasted(seconds) {
  return seconds < 60 ? Math.round(seconds) + " s" : Math.floor(seconds / 60) + " min " + Math.round(seconds % 60) + " s";
}

function unmark() {
  table.querySelector("[data-cursor]")?.removeAttribute("data-cursor");
  table.querySelector(".cursor")?.remove();
}

function go(row, cell) {
  row = Math.max(0, Math.min(row, rows.length - 1));
  const list = cellsOf(rows[row]);
  cell = Math.max(0, Math.min(cell, list.length - 1));
  if (!list[cell]) return;
  at = { row, cell };
  const { td, link, svg, x } = list[cell];
  unmark();
  if (td) {
    td.dataset.cursor = "";
    (link ?? box).focus({ preventScroll: true });
    td.scrollIntoView({ block: "nearest", inline: "nearest" });
  } else {
    const mark = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    for (const [key, value] of Object.entries({ class: "cursor", x: x, y: 0, width: 12, height: 14 })) mark.setAttribute(key, value);
    svg.append(mark);
    mark.scrollIntoView({ block: "nearest", inline: "nearest" });
    document.dispatchEvent(new CustomEvent("drover:say", { detail: [nameOf(rows[row]), list[cell].name, list[cell].word ?? "no result"].join(", ") }));
  }
  show(rows[row], list[cell]);
}

// The next cell that did not pass, along the rows.
function seek(step) {
  let { row, cell } = at ?? { row: 0, cell: -1 };
  for (let list = cellsOf(rows[row]); ; ) {
    cell += step;
    if (cell < 0 || cell >= list.length) {
      row += step;
      if (row < 0 || row >= rows.length) return;
      list = cellsOf(rows[row]);
      cell = step > 0 ? 0 : list.length - 1;
    }
    if (list[cell] && list[cell].href && !list[cell].plain && !rows[row].classList.contains("grid-group")) return go(row, cell);
  }
}

const keys = {
  ArrowLeft: () => go(at.row, at.cell - 1),
  ArrowRight: () => go(at.row, at.cell + 1),
  ArrowUp: () => go(at.row - 1, at.cell),
  ArrowDown: () => go(at.row + 1, at.cell),
  Home: () => go(at.row, 0),
  End: () => go(at.row, Infinity),
  n: () => seek(1),
  p: () => seek(-1),
  "=": () => document.querySelector(`a[href^="/checkouts/${cellsOf(rows[at.row])[at.cell].id}/-/compare"]`)?.click(),
  d: () => document.querySelector('.choices[aria-label="Size"] a:not([aria-current])')?.click(),
  Enter: () => {
    const { href } = cellsOf(rows[at.row])[at.cell];
    if (href) location.assign(href);
  },
};

function press(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || (event.shiftKey && event.key !== "=") || !keys[event.key]) return;
  if (event.key === "Enter" && event.target.closest("a")) return; // the browser opens it
  event.preventDefault();
  if (!at && event.key !== "n" && event.key !== "p" && event.key !== "d") return go(0, Infinity);
  keys[event.key]();
}

// The cell under the pointer, by its column or by its place in the strip.
function point(event) {
  const row = event.target.closest("tbody tr");
  if (!row) return;
  const list = cellsOf(row);
  const td = event.target.closest("td");
  let cell = list.find((c) => c.td && c.td === td);
  const svg = event.target.closest("svg");
  if (svg && list[0]?.svg === svg) {
    const x = event.clientX - svg.getBoundingClientRect().left;
    cell = list.findLast((c) => c.x <= x);
  }
  if (cell) show(row, cell);
}

if (box && detail) {
  load();
  detail.textContent = usual;
  box.addEventListener("keydown", press);
  box.addEventListener("pointermove", point);
  box.addEventListener("pointerdown", point);
  document.addEventListener("drover:swap", load);
}
