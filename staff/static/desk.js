// Keys for the desk. Everything they do has a visible way too; without this file nothing is missing.
"use strict";

const rows = [...document.querySelectorAll(".row .a a")];
let at = -1;

function move(step) {
  if (!rows.length) return;
  at = Math.min(Math.max(at + step, 0), rows.length - 1);
  document.querySelector(".row.on")?.classList.remove("on");
  rows[at].closest(".row").classList.add("on");
  rows[at].focus();
  rows[at].scrollIntoView({ block: "nearest" });
}

function press(name) {
  const place = document.querySelector(".row.on") ?? document;
  if (place === document && rows.length) return; // on a list, a row must be chosen first
  place.querySelector(`[data-key="${name}"]`)?.click();
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  t: () => press("t"),
  u: () => document.querySelector('[data-key="u"]')?.click(),
  "/": () => document.getElementById("q")?.focus(),
  r: () => document.getElementById("ans")?.focus(),
  n: () => document.getElementById("nt")?.focus(),
  "?": () => document.querySelector(".foot")?.scrollIntoView(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing) {
    if (event.key === "Escape") typing.blur();
    return;
  }
  const act = KEYS[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
