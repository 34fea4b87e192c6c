// The list of connectors: selecting rows, and where a search leads. app.js has what all pages share.
"use strict";

const rowsOf = (form) => [...form.querySelectorAll("tbody [name=connector]")];

/** Bring the page's own checkbox and the count in line with the rows; returns the words. */
function showSelection(form) {
  const rows = rowsOf(form);
  const selected = rows.filter((row) => row.checked).length;
  const page = form.querySelector("[data-select-page]");
  const all = form.querySelector("[name=all_matching]");
  page.checked = selected === rows.length;
  page.indeterminate = selected > 0 && selected < rows.length;
  if (all && selected < rows.length) all.checked = false;
  const words = all?.checked ? all.closest("label").textContent.trim().replace(/^Select all/, "All") : `${selected} selected`;
  form.querySelector("[data-selection-count]").textContent = words;
  return words;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-selectable]");
  if (!form) return;
  if (event.target.matches("[data-select-page]")) {
    for (const row of rowsOf(form)) row.checked = event.target.checked;
  }
  announce(showSelection(form));
});

// "Clear" has gone with the bar that it stood in.
document.addEventListener("reset", (event) => {
  if (!event.target.matches("[data-selectable]")) return;
  setTimeout(() => {
    announce(showSelection(event.target));
    event.target.querySelector("[data-select-page]").focus({ preventScroll: true });
  });
});

// The back button and a reload may bring checked boxes back.
addEventListener("pageshow", () => document.querySelectorAll("[data-selectable]").forEach(showSelection));

// The bar of actions stands over the last rows while it shows: who comes to one by keyboard is to see it above the bar.
const bar = new ResizeObserver((sizes) => {
  document.documentElement.style.scrollPaddingBottom = `${sizes.at(-1).target.offsetHeight}px`;
});
const watchBar = () => document.querySelectorAll(".selection").forEach((each) => bar.observe(each));

watchBar();
document.addEventListener("htmx:afterSwap", (event) => {
  watchBar();
  if (event.target.id !== "list-results") return;
  sayHowMany();
  if (enteredWords !== null && enteredWords === document.getElementById("search").value && goesOnFromSearch()) goToFirstHit();
});

function sayHowMany() {
  const found = document.querySelector("#list-results :is([data-results-count], .empty-title)");
  if (found) announce(found.textContent.trim());
}

// Who ends a search with Enter goes on at the first hit, and hears how many there are; who is typing stays in the field.

let enteredWords = null;

function goToFirstHit() {
  const hit = document.querySelector("#list-results tbody th[scope=row] > a") ?? document.querySelector("#list-results .empty-title");
  if (hit?.matches(".empty-title")) hit.tabIndex = -1;
  hit?.focus();
}

/** The answer to what was typed just before Enter may come after the answer to Enter, and takes the first hit away. */
const goesOnFromSearch = () => document.activeElement === document.body || document.activeElement.id === "search";

document.addEventListener("input", (event) => {
  if (event.target.id === "search") enteredWords = null;
});
document.addEventListener("submit", (event) => {
  if (document.activeElement.id === "search" && event.target.contains(document.activeElement)) enteredWords = document.activeElement.value;
});

// From the top bar of another page; once the browser has gone to the results, which takes the focus from what had it.
// A link that sorts leads there, too: who follows one goes on among the headings.
addEventListener("load", () => {
  if (location.hash !== "#list-results" || new URLSearchParams(location.search).has("sort")) return;
  goToFirstHit();
  sayHowMany();
});
