// Keeps the page fresh while somebody looks at it. Without this script every form still works by itself.
"use strict";

const EVERY = 1500; // milliseconds
let tag = "";
let busy = false;
const shown = new Map(); // id of a live part -> the server's markup that is on the page

const liveParts = (root) => root.querySelectorAll("[data-live]");
const writingReply = () => document.querySelector("#do-reply")?.open;

for (const part of liveParts(document)) shown.set(part.id, part.innerHTML);

function swap(text) {
  const fresh = new DOMParser().parseFromString(text, "text/html");
  for (const part of liveParts(fresh)) {
    const here = document.getElementById(part.id);
    // A reply belongs to the mail that is open above it: that mail stays while the reply is being written.
    if (!here || shown.get(part.id) === part.innerHTML || (part.dataset.live === "mail" && writingReply())) continue;
    const held = here.contains(document.activeElement);
    shown.set(part.id, part.innerHTML);
    here.replaceChildren(...part.childNodes);
    if (held) (document.querySelector("#say") || here).focus({ preventScroll: true });
  }
  for (const id of ["do-reply", "away"]) {
    const here = document.getElementById(id), there = fresh.getElementById(id);
    if (here && there) here.hidden = there.hidden;
  }
  const trouble = document.querySelector("[data-follow]"), now = fresh.querySelector("[data-follow]");
  if (trouble && now && document.activeElement !== trouble) trouble.value = now.value;
}

async function refresh() {
  if (busy || document.hidden) return;
  try {
    const answer = await fetch(location.href, { headers: tag ? { "If-None-Match": tag } : {}, cache: "no-store" });
    if (answer.ok) {
      tag = answer.headers.get("ETag") || "";
      swap(await answer.text());
    }
  } catch { /* the server restarts: the next try will tell */ }
}

async function submit(form, button) {
  if (form.classList.contains("sending")) return;
  const said = new URLSearchParams(new FormData(form, button));
  const typed = form.querySelector("#say");
  busy = true;
  form.classList.add("sending");
  if (typed) form.reset();
  try {
    const answer = await fetch(form.getAttribute("action"), { method: "POST", body: said });
    if (answer.ok) {
      if (!form.hasAttribute("data-auto")) form.reset();
      form.closest("details[name=compose]")?.removeAttribute("open");
    } else if (typed) typed.value = said.get("text");
  } catch {
    if (typed) typed.value = said.get("text");
  } finally {
    busy = false;
    form.classList.remove("sending");
    await refresh();
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.hasAttribute("data-quiet")) return;
  event.preventDefault();
  submit(event.target, event.submitter);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-auto] select")) event.target.form.requestSubmit();
});
document.addEventListener("click", (event) => {
  const link = event.target.closest("#letters a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, "", link.href);
  for (const open of document.querySelectorAll("details[name=compose][open]")) open.open = false;
  refresh();
});
window.addEventListener("popstate", refresh);
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, EVERY);
