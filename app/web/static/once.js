// A form that is sent once, however often its button is pressed: of /factor the second answer would ask to sign in again,
// for the first has changed the session's token. It may be sent again after a while, should the first be lost.
"use strict";
(() => {
  const HELD_MS = 5000;
  for (const form of document.querySelectorAll("form[data-once]")) {
    let heldUntil = 0;
    form.addEventListener("submit", (event) => {
      if (Date.now() < heldUntil) event.preventDefault();
      else heldUntil = Date.now() + HELD_MS;
    });
  }
})();
