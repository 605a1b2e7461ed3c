// One box that ticks all of the page; without scripts it stays hidden and nothing is lost.
for (const all of document.querySelectorAll("[data-check-all]")) {
  const boxes = document.querySelectorAll(`input[name="${all.dataset.checkAll}"]`);
  all.hidden = boxes.length === 0;
  all.addEventListener("change", () => boxes.forEach((box) => { box.checked = all.checked; }));
}
