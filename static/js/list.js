// The list of connectors: selecting rows, and saying how many a search found. app.js has what all pages share.
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
  const found = event.target.querySelector("[data-results-count], .empty-title");
  if (found) announce(found.textContent.trim());
});
