// Contrast and letter size, chosen in the footer and kept on this device. Pages work without it; the buttons then stay hidden.
"use strict";
{
  const root = document.documentElement;
  const storage = {
    get: (name) => { try { return localStorage.getItem(name); } catch { return null; } },
    set: (name, value) => { try { localStorage.setItem(name, value); } catch { /* a locked-down browser may keep nothing */ } },
  };

  for (const [attribute, value] of [["contrast", "more"], ["size", "large"]]) {
    const apply = (on) => {
      if (on) root.dataset[attribute] = value;
      else delete root.dataset[attribute];
      for (const button of document.querySelectorAll(`[data-display="${attribute}"]`)) button.setAttribute("aria-pressed", String(on));
    };
    // Large letters that were granted stand until the candidate chooses otherwise on this device.
    const chosen = storage.get(attribute);
    apply(chosen === value || (chosen === null && attribute === "size" && root.dataset.grantedSize === value));
    const bind = () => {
      apply(root.dataset[attribute] === value);
      for (const button of document.querySelectorAll(`[data-display="${attribute}"]`)) {
        button.hidden = false;
        button.addEventListener("click", () => {
          const on = root.dataset[attribute] !== value;
          storage.set(attribute, on ? value : "");
          apply(on);
        });
      }
    };
    if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", bind);
    else bind();
    document.addEventListener("page-replaced", bind); // the exam page takes the place of its waiting room
  }
}
