// Following a log that is still written.

const atEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < 40 && !tailGap();

function tailGap() {
  const gap = every(".log-gap", log).at(-1);
  return gap && number(gap, "last") >= total && gap;
}

function showFollow() {
  if (!followButton) return;
  followButton.setAttribute("aria-pressed", String(following));
  followButton.textContent = following || !missed ? "Follow" : "Follow (" + group(missed) + " new lines)";
}

async function follow() {
  following = true;
  missed = 0;
  if (tailGap()) await show(total);
  log.scrollTop = log.scrollHeight;
  showFollow();
}

async function poll() {
  if (document.visibilityState === "visible") {
    try {
      const tail = every(".log-block", log).at(-1);
      const whole = following && tail && !tailGap();
      const from = whole ? number(tail, "first") : total + 1;
      const { part, blocks } = await fetchLines(Math.max(1, from), from + 10 * step);
      grow(tail, whole || !tail ? blocks : [], number(part, "lines"));
      one("[data-log-size]").textContent = part.dataset.summary;
      if (!("running" in part.dataset)) return ended();
    } catch {
      one("[data-log-state]").textContent = "No answer from the server; trying again.";
    }
  }
  setTimeout(poll, 2000);
}

// grow puts new lines where they belong: at the end if it is in view, else
// behind a gap, so that nothing moves under the reader.
function grow(tail, blocks, lines) {
  const was = total;
  total = lines;
  one("[data-log-state]").textContent = "";
  let last = tail ? number(tail, "last") : 0;
  if (blocks.length) {
    if (tail) tail.replaceWith(...blocks);
    else one(".log-body", log).append(...blocks);
    last = number(blocks.at(-1), "last");
    paint();
  }
  const gap = every(".log-gap", log).at(-1);
  if (gap && number(gap, "last") >= was) label(gap, number(gap, "first"), total);
  else if (last < total && last) every(".log-block", log).at(-1).after(makeGap(last + 1, total));
  if (following) log.scrollTop = log.scrollHeight;
  else missed += total - was;
  showFollow();
}

function ended() {
  const again = document.createElement("a");
  again.href = location.pathname + location.search;
  again.textContent = "Load the page again";
  one("[data-log-state]").replaceChildren("The job has ended. ", again);
  followButton.hidden = true;
  say("The job has ended");
}

