// What the pages do beyond links and forms. Every listener is delegated, so parts that htmx swaps in just work;
// without JavaScript each page still does its job.
"use strict";

const live = () => document.getElementById("live");

/** Let screen readers say `text`; the same words twice in a row are said twice. */
function announce(text) {
  const region = live();
  if (!region) return;
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = text; });
}

// Unfold: <button data-unfolds aria-controls="…" aria-expanded="false"> and the <… class="collapse"> of that id.

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unfolds]");
  if (!button) return;
  const shown = document.getElementById(button.getAttribute("aria-controls")).classList.toggle("show");
  button.setAttribute("aria-expanded", shown);
});

// Copy: <… data-copy-box><… data-copy-value>text</…><button data-copy>…</button></…>

async function copyFrom(button) {
  const value = button.closest("[data-copy-box]").querySelector("[data-copy-value]");
  try {
    await navigator.clipboard.writeText(value.textContent.trim());
    showCopied(button);
  } catch {
    // No permission, or no secure context: leave it selected, one key press away.
    getSelection().selectAllChildren(value);
    announce("Selected. Press Control C to copy.");
  }
}

function showCopied(button) {
  const label = button.querySelector("[data-copy-label]");
  button.dataset.copyWas ??= label.textContent;
  // Shorter words must not make it jump.
  button.style.minWidth = `${button.getBoundingClientRect().width}px`;
  label.textContent = "Copied";
  announce("Copied");
  clearTimeout(Number(button.dataset.copyTimer));
  button.dataset.copyTimer = setTimeout(() => { label.textContent = button.dataset.copyWas; }, 2000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-copy]");
  if (button) copyFrom(button);
});

// <form data-once>: a second submit of the same form does nothing; <button data-busy="Creating…"> says so.

function release(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[data-was-enabled]")) {
    button.disabled = false;
    if (button.dataset.busy) button.textContent = button.dataset.wasEnabled;
    delete button.dataset.wasEnabled;
  }
}

function hold(form) {
  form.dataset.sent = "yes";
  // After the browser has collected the fields: a disabled button would not send its own name.
  setTimeout(() => {
    for (const button of form.querySelectorAll("[type=submit]:enabled, button:not([type]):enabled")) {
      button.dataset.wasEnabled = button.textContent;
      if (button.dataset.busy) button.textContent = button.dataset.busy;
      button.disabled = true;
    }
  });
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-once]")) return;
  if (event.target.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
  } else {
    hold(event.target);
  }
}, true);

// The back button may bring the page back as it was left, with its buttons off.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(release);
});
document.addEventListener("htmx:afterRequest", (event) => {
  // Only what the form itself asked for: hints for one of its fields may come while it is under way.
  if (event.target.matches?.("form[data-sent]")) release(event.target);
});

// <button data-tests> tries the address as it is now: what was wrong with the one before is no longer said.

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.target.matches("[data-tests]")) return;
  for (const field of event.target.form.querySelectorAll(":is([name=url], [name=email]).is-invalid")) {
    field.classList.remove("is-invalid");
    field.removeAttribute("aria-invalid");
    field.parentElement.querySelectorAll(".invalid-feedback").forEach((each) => each.remove());
  }
});

// <form data-applies-choices>: what is chosen applies at once; what is typed waits for its button.

document.addEventListener("change", (event) => {
  if (event.target.matches("form[data-applies-choices] select")) event.target.form.requestSubmit();
});
// The back button may bring the list back with the choice that led away from it.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-applies-choices]").forEach((form) => form.reset());
});

// <form data-summary>: says, while it is filled in, what will come of it.

const ADDRESS = /^[^@]+@[^@.]+(\.[^@.]+)+$/;

function distinctAddresses(text) {
  return new Set(text.toLowerCase().split(/[\s<>,;"]+/).filter((word) => ADDRESS.test(word))).size;
}

function setText(element, text) {
  element.dataset.empty ??= element.textContent;
  element.textContent = text || element.dataset.empty;
}

/** Bring up to date whatever mirrors `field`; returns the new words, for those who hear them. */
function mirror(field) {
  const name = CSS.escape(field.name);
  const spoken = [];
  for (const element of document.querySelectorAll(`[data-summary-for="${name}"]`)) setText(element, field.value.trim());
  for (const element of document.querySelectorAll(`[data-summary-count="${name}"]`)) {
    setText(element, (distinctAddresses(field.value) || "").toLocaleString("en"));
    spoken.push(element.parentElement.textContent.trim().replace(/\s+/g, " "));
  }
  for (const element of document.querySelectorAll(`[data-summary-choice="${name}"]`)) {
    element.textContent = field.checked ? element.dataset.on : element.dataset.off;
    spoken.push(element.textContent);
  }
  for (const element of document.querySelectorAll(`[data-summary-when="${name}"]`)) element.hidden = !field.checked;
  for (const element of document.querySelectorAll(`[data-summary-unless="${name}"]`)) element.hidden = field.checked;
  return spoken.join(". ");
}

document.addEventListener("input", (event) => {
  if (event.target.name && event.target.closest("form[data-summary]")) mirror(event.target);
});
document.addEventListener("change", (event) => {
  if (!event.target.name || !event.target.closest("form[data-summary]")) return;
  const spoken = mirror(event.target);
  if (spoken) announce(spoken);
});
// On arrival, and when the back button has filled the fields again.
addEventListener("pageshow", () => {
  for (const field of document.querySelectorAll("form[data-summary] :is(input, textarea)[name]")) {
    if (field.type !== "hidden") mirror(field);
  }
});

// <button data-sort-lines> sorts the lines of the text area before it; the same line in another case goes.

function sortedLines(text) {
  const lines = text.split("\n").map((line) => line.trim()).filter(Boolean);
  const unique = new Map(lines.reverse().map((line) => [line.toLowerCase(), line]));
  return [...unique.values()].sort((one, other) => one.localeCompare(other, "en", { sensitivity: "base" })).join("\n");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-sort-lines]");
  if (!button) return;
  const area = button.parentElement.parentElement.querySelector("textarea");
  area.value = sortedLines(area.value);
  // Whoever follows the field hears of it: its summary, its hints.
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.dispatchEvent(new Event("change", { bubbles: true }));
  announce("Sorted");
});

// <… data-live hx-post (or hx-get)>: parts that refresh themselves do it only while somebody can see them, and say a new state.

const liveState = () => document.querySelector("#connector-live [data-state], [data-live-state]")?.textContent.trim();
let stateBefore;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!document.hidden || !event.target.matches("[data-live]")) return;
  event.preventDefault();
  event.target.dataset.waits = "yes";
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const part of document.querySelectorAll("[data-live][data-waits]")) {
    delete part.dataset.waits;
    const [verb, url] = part.hasAttribute("hx-get") ? ["GET", part.getAttribute("hx-get")] : ["POST", part.getAttribute("hx-post")];
    htmx.ajax(verb, url, { source: part, target: part, swap: "outerHTML" });
  }
});
document.addEventListener("htmx:beforeSwap", () => { stateBefore = liveState(); });
document.addEventListener("htmx:afterSwap", () => {
  if (liveState() !== stateBefore) announce(`Now: ${liveState()}`);
});

// What somebody has unfolded stays so when its part is refreshed (it has an id).

let unfolded = [];
document.addEventListener("htmx:beforeSwap", (event) => {
  unfolded = [...event.target.querySelectorAll("details[open][id]")].map((details) => details.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
});

// "As the system" follows the system while the page is open.

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
  const root = document.documentElement;
  if (root.dataset.themeFollows === "system") root.dataset.bsTheme = event.matches ? "dark" : "light";
});

// Times are shown in the browser's zone, unless the member has chosen another.

{
  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
  const [prefix, secure] = location.protocol === "https:" ? ["__Host-", "; Secure"] : ["", ""];
  const cookie = `${prefix}timezone=${zone}`;
  if (!document.cookie.split("; ").includes(cookie)) {
    document.cookie = `${cookie}; path=/; max-age=31536000; SameSite=Lax${secure}`;
  }
}
