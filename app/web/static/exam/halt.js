// The dialog that cannot be closed: the attempt goes on elsewhere, the session has ended, the time is over.

const dialog = document.getElementById("halt");
let standing = false;

export const showHalt = (title, text, link = null) => {
  for (const open of document.querySelectorAll("dialog[open]")) if (open !== dialog) open.close();
  document.getElementById("halt-title").textContent = title;
  document.getElementById("halt-text").textContent = text;
  const way = document.getElementById("halt-link");
  way.hidden = !link;
  if (link) {
    way.textContent = link.word;
    way.href = link.href;
    way.onclick = link.act
      ? (event) => {
          event.preventDefault();
          link.act();
        }
      : null;
  }
  standing = true;
  if (!dialog.open) dialog.showModal();
};

export const endHalt = () => {
  standing = false;
  if (dialog.open) dialog.close();
};

dialog.addEventListener("cancel", (event) => event.preventDefault());
// Browsers close a dialog on the second Escape, whatever the page says to the first.
dialog.addEventListener("close", () => {
  if (standing) dialog.showModal();
});
