// Sentences in the page's language, and data that the server put into the page.

export const readJson = (id) => {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent) : {};
};

export const words = {};

// Again where another page has been put in the place of this one.
export const readWords = () => Object.assign(words, readJson("exam-words"), readJson("sitting-words"), readJson("practice-words"));
readWords();

export const fill = (sentence, values = {}) =>
  sentence.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));

// Beijing time whatever the zone of this computer: China has one zone and no summer time.
export const beijing = (ms, withSeconds = true) =>
  new Date(ms + 8 * 3600000).toISOString().slice(11, withSeconds ? 19 : 16);

export const countdown = (ms) => {
  const left = Math.max(0, Math.ceil(ms / 1000));
  return [Math.floor(left / 3600), Math.floor((left % 3600) / 60), left % 60]
    .map((part) => String(part).padStart(2, "0"))
    .join(":");
};

export const announce = (sentence) => {
  const place = document.getElementById("announce");
  if (place) place.textContent = sentence;
};
