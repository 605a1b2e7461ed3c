// A candidate's notes to the items: their own, kept on this device in plain text until the attempt is over, never sent
// and never marked. Another computer does not have them.

const nameOf = (attempt) => `chizheng-notes-${attempt}`;

const read = (attempt) => {
  try {
    return JSON.parse(localStorage.getItem(nameOf(attempt)) || "{}");
  } catch {
    return {};
  }
};

export const dropNotes = (attempt) => {
  try {
    localStorage.removeItem(nameOf(attempt));
  } catch { /* nothing was kept */ }
};

export const keepNotes = (attempt) => {
  const notes = read(attempt);
  for (const field of document.querySelectorAll("[data-note]")) {
    field.value = notes[field.dataset.note] || "";
    if (field.value) field.closest("details").open = true;
    field.addEventListener("input", () => {
      notes[field.dataset.note] = field.value;
      if (!field.value) delete notes[field.dataset.note];
      try {
        localStorage.setItem(nameOf(attempt), JSON.stringify(notes));
      } catch { /* a locked-down browser may keep nothing: notes then last as long as the page */ }
    });
  }
};
