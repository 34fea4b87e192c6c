// Keys and focus: single-key shortcuts, their list, and where to go on after a part of the page was replaced.
"use strict";

// <dialog id="shortcuts"> lists the keys: <a data-key="n"> or <button data-key="/">. What a key does is to press that.
// Single keys get in the way of speech input and of some who type with difficulty: one can turn them off in the list.

const shortcuts = document.getElementById("shortcuts");
const KEPT = "single-keys";

const singleKeysAreOn = () => document.documentElement.dataset.singleKeys !== "off";

function turnSingleKeys(on) {
  document.documentElement.dataset.singleKeys = on ? "on" : "off";
  for (const field of document.querySelectorAll("[data-shown-key]")) {
    if (on) field.setAttribute("aria-keyshortcuts", field.dataset.shownKey);
    else field.removeAttribute("aria-keyshortcuts");
  }
}

/** What this browser remembers of it; nothing where it may not remember. */
function remembered() {
  try { return localStorage.getItem(KEPT); } catch { return null; }
}

function remember(on) {
  try { localStorage.setItem(KEPT, on ? "on" : "off"); } catch { /* Then it holds for this page. */ }
}

turnSingleKeys(remembered() !== "off");

const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
  if (!shortcuts || shortcuts.open || !singleKeysAreOn() || isTyping(event.target)) return;
  const entry = shortcuts.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!entry) return;
  event.preventDefault();
  entry.click();
});

function focusSearch() {
  const search = document.getElementById("search");
  search?.focus();
  search?.select();
}

document.addEventListener("click", (event) => {
  const opens = event.target.closest("[data-shortcuts-open]");
  if (opens) {
    // From a menu, which closes: the focus is to come back to its button.
    const menu = opens.closest("[popover]");
    if (menu) document.querySelector(`[popovertarget="${menu.id}"]`).focus();
    shortcuts.querySelector("[type=checkbox]").checked = singleKeysAreOn();
    // The browser keeps the focus inside, closes it on Escape, and gives the focus back.
    if (!shortcuts.open) shortcuts.showModal();
  } else if (event.target.closest("[data-shortcuts-search]")) {
    shortcuts.close();
    focusSearch();
  }
});

// A menu that the focus has left closes, and does not stay over what is read next. Its button closes it by itself.

document.addEventListener("focusout", (event) => {
  const button = event.target.closest("[popovertarget]");
  const menu = button ? document.getElementById(button.getAttribute("popovertarget")) : event.target.closest("[popover]");
  const next = event.relatedTarget;
  if (!menu || !next || menu.contains(next) || next.closest(`[popovertarget="${menu.id}"]`)) return;
  menu.hidePopover();
});

shortcuts?.addEventListener("change", (event) => {
  turnSingleKeys(event.target.checked);
  remember(event.target.checked);
});

// A form that came back with errors: the first wrong field is where to go on, else what is said of all of it.

function focusFirstError(part) {
  const field = [...part.querySelectorAll("form :is([aria-invalid=true], .is-invalid)")].find((each) => each.matches("input, select, textarea"));
  field?.closest("details")?.setAttribute("open", "");
  const error = field ?? part.querySelector("form .alert-danger");
  if (!error) return false;
  if (error !== field) error.tabIndex = -1;
  error.focus();
  return true;
}

focusFirstError(document);

// Where the part that had the focus was replaced and what had it is gone, the new part gets it: nobody starts again
// at the top of the page.

let heldFocus = false;
document.addEventListener("htmx:beforeSwap", (event) => {
  heldFocus = event.detail.target.contains(document.activeElement) && document.activeElement !== document.body;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const part = event.detail.elt;
  if (focusFirstError(part)) return;
  if (heldFocus && document.activeElement === document.body) {
    if (!part.hasAttribute("tabindex")) part.tabIndex = -1;
    part.focus();
  }
  heldFocus = false;
});
