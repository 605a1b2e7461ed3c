// The whole exam without a mouse. Keys are taken only where they are not being typed into something.

import { announce, fill, words } from "./words.js";

const typing = (element) =>
  element.closest("textarea, select, [contenteditable]") || (element.matches("input") && !/^(radio|checkbox)$/.test(element.type));

export const listenToKeys = (sheet) => {
  const help = document.getElementById("keys");
  document.getElementById("keys-open").addEventListener("click", () => help.showModal());
  for (const button of document.querySelectorAll("dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (document.querySelector("dialog[open]") || typing(event.target)) return;
    if (act(sheet, help, event)) event.preventDefault();
  });
};

const act = (sheet, help, event) => {
  if (event.key === "ArrowLeft") return sheet.step(-1), true;
  if (event.key === "ArrowRight") return sheet.step(1), true;
  if (event.key === "?" || event.key === "？") return help.showModal(), true;
  if (event.key === "Escape") {
    if (!sheet.closeMap()) return false;
    document.getElementById("map-open").focus();
    return true;
  }
  if (!/^[a-z]$/i.test(event.key) || event.repeat) return false;
  const letter = event.key.toUpperCase();
  if (sheet.choose(letter)) return true; // an item may have an option F: choosing comes first
  if (letter === "F") {
    const on = sheet.toggleFlag();
    announce(fill(on ? words.flagged : words.unflagged, { n: sheet.current }));
    return true;
  }
  if (letter === "M") return sheet.openMap(), true;
  return false;
};
