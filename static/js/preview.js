// While somebody types into a form, what it would do is shown beside it. With
// something wrong the last good state stays, in grey.
const form = document.querySelector("form[data-preview]");
let timer = 0;
let asking = null;

async function preview() {
  asking?.abort();
  asking = new AbortController();
  const shown = document.getElementById("preview");
  shown.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new URLSearchParams(new FormData(form)), signal: asking.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.getElementById("preview-problems")?.replaceChildren(...(page.getElementById("preview-problems")?.childNodes ?? []));
    shown.toggleAttribute("data-stale", !answer.ok);
    if (answer.ok) shown.replaceChildren(...page.getElementById("preview").childNodes);
    shown.removeAttribute("aria-busy");
  } catch (error) {
    if (error.name === "AbortError") return; // somebody typed on
    shown.toggleAttribute("data-stale", true);
    shown.removeAttribute("aria-busy");
  }
}

form?.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(preview, 300);
});
