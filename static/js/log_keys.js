// Clicks, and what the keys of the page lead to: they press the links and
// buttons with data-key.

const keys = {
  n: () => walk(1),
  p: () => walk(-1),
  gg: () => show(1),
  G: () => (followButton ? follow() : show(total)),
};

function press(event) {
  const search = one("#log-q");
  if ((event.ctrlKey || event.metaKey) && event.key === "f" && !event.altKey && !event.shiftKey && document.activeElement !== search) {
    event.preventDefault();
    one("[data-search-note]").hidden = false;
    search.select();
    return;
  }
  if (event.key === "Escape" && !event.target.closest("input, select, textarea, dialog")) choose(0, 0);
}

function click(event) {
  if (event.ctrlKey || event.metaKey || event.button) return;
  const hit = event.target.closest("a[data-line]"), key = event.target.closest("a[data-key]"), gap = event.target.closest(".log-gap a");
  if (hit || key || gap) event.preventDefault();
  if (hit) jump(number(hit, "line"));
  else if (key) keys[key.dataset.key]();
  else if (gap) fill(gap.parentElement);
  else if (event.target.closest("[data-load-all]")) loadAll(event.target);
  else if (event.target.closest("[data-copy-lines]")) copyLines();
  else if (event.target.closest("[data-copy-open]")) copyOpen();
  else if (event.target.closest("[data-follow]")) following ? ((following = false), showFollow()) : follow();
  else if (log.contains(event.target)) {
    const line = lineAt(event);
    if (line) choose(event.shiftKey && chosen ? chosen.first : line, line);
  }
}

// With another width lines are wrapped elsewhere: what was brought into view
// stays there until somebody reads on.
let width = log.clientWidth;
function resized() {
  if (log.clientWidth === width) return;
  width = log.clientWidth;
  if (placed) show(placed);
}

let waiting = false;
function scrolled() {
  if (followButton) {
    following = atEnd();
    if (following) missed = 0;
    showFollow();
  }
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => {
    waiting = false;
    fillNear();
  });
}

function start() {
  document.addEventListener("keydown", press);
  document.addEventListener("click", click);
  log.addEventListener("scroll", scrolled, { passive: true });
  new ResizeObserver(resized).observe(log);
  for (const reads of ["wheel", "touchmove", "pointerdown", "keydown"]) log.addEventListener(reads, () => (placed = 0), { passive: true });
  log.addEventListener("toggle", fillNear, true);
  addEventListener("resize", paint);
  // How lines are shown changes where the page is now.
  one(".log-view").addEventListener("submit", (event) => {
    const url = new URL(location.href);
    if (!chosen) url.searchParams.set("from", lineInView());
    event.target.elements.back.value = url.pathname + url.search;
  });
  for (const hidden of every("[data-load-all], [data-follow]")) hidden.hidden = false;
  if (navigator.clipboard) for (const hidden of every("[data-copy-lines], [data-copy-open]")) hidden.hidden = false;
  if ("end" in log.dataset) {
    delete log.dataset.end;
    log.scrollTop = log.scrollHeight;
  } else {
    show(number(log, "target"), Boolean(chosen));
  }
  if (followButton) {
    scrolled();
    setTimeout(poll, 2000);
  }
  fillNear();
}

start();
