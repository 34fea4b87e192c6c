// Says in words what went wrong between the browser and a security key. allauth's scripts do the rest.
"use strict";

const TROUBLE = {
  AbortError: "Nothing came of it: it was cancelled. Try again.",
  InvalidStateError: "This key is one of yours already.",
  NotAllowedError: "Nothing came of it: it was cancelled, or it took too long. Try again.",
  SecurityError: "Browsers use security keys only on https pages (and on localhost), at the site's own name.",
};

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const trouble = TROUBLE[event.detail.exception?.name] ?? "This browser can't use security keys here. Try another one.";
  document.querySelector("[data-security-key-trouble]").textContent = trouble;
});
