// Pictures of an item, as large as one needs them: opened by a click, by Enter or by the space bar.

import { fill, words } from "./words.js";

const STEPS = [1, 1.5, 2, 3, 4];

export const listenToPictures = () => {
  const dialog = document.getElementById("zoom");
  const picture = document.getElementById("zoom-picture");
  const [less, more] = ["zoom-less", "zoom-more"].map((id) => document.getElementById(id));
  let step = 0;

  const paint = () => {
    picture.style.width = `${STEPS[step] * 100}%`;
    less.disabled = step === 0;
    more.disabled = step === STEPS.length - 1;
  };
  const open = (image) => {
    picture.src = image.src;
    picture.alt = image.alt;
    step = 0;
    paint();
    dialog.showModal();
  };
  for (const image of document.querySelectorAll(".item .rich img")) {
    image.tabIndex = 0;
    image.setAttribute("role", "button");
    image.setAttribute("aria-label", fill(words.enlarge, { alt: image.alt }));
    image.addEventListener("click", (event) => {
      event.preventDefault(); // within an option, the click chooses nothing
      open(image);
    });
    image.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(image);
    });
  }
  for (const [button, by] of [[less, -1], [more, 1]]) {
    button.addEventListener("click", () => {
      step += by;
      paint();
    });
  }
};
