// A button that prints the page; it works only where there are scripts, and the browser's own menu does the same.
"use strict";
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
