// The items and the map as the candidate sees them. Knows the page, nothing of the server.

import { controlOf, says } from "./responses.js";
import { fill, words } from "./words.js";

const body = document.body;
const narrow = matchMedia("(max-width: 58rem)");

export class Sheet {
  #view;
  #flags;
  #items = new Map();
  #onChange;
  #onFlags;

  // `onChange(number, response, typing)` where the candidate gave a response, or is still writing it; `onFlags(flags)` where they moved a flag.
  constructor({ flags, onChange, onFlags }) {
    this.#flags = flags;
    this.#onChange = onChange;
    this.#onFlags = onFlags;
    for (const article of document.querySelectorAll(".item")) {
      const number = Number(article.dataset.number);
      this.#items.set(number, {
        article,
        control: controlOf(article, () => this.#changed(number)),
        cell: document.querySelector(`[data-map="${number}"]`),
        flag: article.querySelector("[data-flag]"),
      });
      if (flags.has(number)) this.#paintFlag(number);
    }
    this.numbers = [...this.#items.keys()];
    this.current = Number(document.querySelector(".item[data-shown]")?.dataset.number || this.numbers[0]);
    this.show(this.#readView());
    this.move(this.current, { focus: false });
    this.#listen();
  }

  // The response to an item, as the server calls it.
  read(number) {
    return this.#items.get(number).control.read();
  }

  // Put a response into the page, as after a reload.
  write(number, response) {
    this.#items.get(number)?.control.write(response);
  }

  unanswered() {
    return this.numbers.filter((number) => !says(this.read(number)));
  }

  // Go to an item; a number outside the form stays where it is.
  move(number, { focus = true } = {}) {
    if (!this.#items.has(number)) return;
    const before = this.#items.get(this.current);
    const item = this.#items.get(number);
    delete before.article.dataset.shown;
    before.cell.removeAttribute("aria-current");
    this.current = number;
    item.article.dataset.shown = "";
    item.cell.setAttribute("aria-current", "true");
    const place = this.numbers.indexOf(number);
    document.getElementById("previous").disabled = place === 0;
    document.getElementById("next").disabled = place === this.numbers.length - 1;
    this.#paintFlagButton();
    if (!focus) return;
    this.closeMap();
    item.article.focus({ preventScroll: true });
    if (this.#view === "all") item.article.scrollIntoView({ block: "start" });
    else scrollTo({ top: 0 });
  }

  step(by) {
    this.move(this.numbers[this.numbers.indexOf(this.current) + by]);
  }

  // Choose or take back the option with this letter in the current item; false where there is none.
  choose(letter) {
    const { control } = this.#items.get(this.current);
    if (!control.choose?.(letter)) return false;
    this.#changed(this.current);
    return true;
  }

  toggleFlag(number = this.current) {
    const on = !this.#flags.has(number);
    if (on) this.#flags.add(number);
    else this.#flags.delete(number);
    this.#paintFlag(number);
    this.#paintFlagButton();
    this.#onFlags(this.#flags);
    return on;
  }

  // "one" item at a time, or "all" of them.
  show(view) {
    this.#view = view;
    body.dataset.view = view;
    for (const name of ["one", "all"]) {
      document.getElementById(`view-${name}`).setAttribute("aria-pressed", String(name === view));
    }
    try {
      localStorage.setItem("chizheng-view", view);
    } catch { /* not kept: the next page begins with one item */ }
  }

  openMap() {
    if (narrow.matches) {
      body.dataset.map = "open";
      document.getElementById("map-open").setAttribute("aria-expanded", "true");
    }
    this.#items.get(this.current).cell.focus();
  }

  closeMap() {
    const open = body.dataset.map === "open";
    delete body.dataset.map;
    document.getElementById("map-open").setAttribute("aria-expanded", "false");
    return open;
  }

  // Bring map and figures up to date; `unsaved`: numbers whose change the server has not acknowledged for a while.
  paint(unsaved) {
    let done = 0;
    for (const [number, { cell }] of this.#items) {
      const responded = says(this.read(number));
      const waiting = unsaved.has(number);
      const flagged = this.#flags.has(number);
      done += responded;
      cell.classList.toggle("done", responded);
      cell.classList.toggle("unsaved", waiting);
      cell.classList.toggle("flag", flagged);
      const said = [responded ? words.done : words.todo, waiting && words.waiting_one, flagged && words.flag];
      const unseen = cell.querySelector(".unseen");
      const text = ` ${said.filter(Boolean).join(" ")}`;
      if (unseen.textContent !== text) unseen.textContent = text;
    }
    const figures = { done, todo: this.numbers.length - done, unsaved: unsaved.size, flag: this.#flags.size };
    for (const [name, figure] of Object.entries(figures)) {
      for (const place of document.querySelectorAll(`[data-count="${name}"]`)) place.textContent = figure;
    }
  }

  #changed(number, typing = false) {
    this.#onChange(number, this.read(number), typing);
  }

  #paintFlag(number) {
    const { article, cell, flag } = this.#items.get(number);
    const on = this.#flags.has(number);
    if (on) article.dataset.flagged = "";
    else delete article.dataset.flagged;
    cell.classList.toggle("flag", on);
    flag.setAttribute("aria-pressed", String(on));
  }

  #paintFlagButton() {
    document.getElementById("flag").setAttribute("aria-pressed", String(this.#flags.has(this.current)));
  }

  #readView() {
    try {
      return localStorage.getItem("chizheng-view") === "all" ? "all" : "one";
    } catch {
      return "one";
    }
  }

  #listen() {
    const on = (id, act) => document.getElementById(id).addEventListener("click", act);
    const items = document.getElementById("items");
    items.addEventListener("change", (event) => {
      const article = event.target.closest(".item");
      if (article) this.#changed(Number(article.dataset.number));
    });
    // Texts are kept as they are written; what an input method is still composing is none yet.
    const type = (event) => {
      const article = event.target.closest(".item");
      const isText = event.target.matches("textarea, input[type=text]");
      if (article && isText && !event.isComposing) this.#changed(Number(article.dataset.number), true);
    };
    items.addEventListener("input", type);
    items.addEventListener("compositionend", type);
    items.addEventListener("focusin", (event) => {
      const article = event.target.closest(".item");
      if (article) this.move(Number(article.dataset.number), { focus: false });
    });
    items.addEventListener("click", (event) => {
      const clear = event.target.closest("[data-clear]");
      const flag = event.target.closest("[data-flag]");
      if (clear) this.#clear(Number(clear.dataset.clear));
      if (flag) this.toggleFlag(Number(flag.dataset.flag));
    });
    for (const place of [document.getElementById("map"), document.getElementById("unanswered")]) {
      place.addEventListener("click", (event) => {
        const link = event.target.closest("[data-map], [data-goto]");
        if (!link) return;
        event.preventDefault();
        link.closest("dialog")?.close();
        this.move(Number(link.dataset.map || link.dataset.goto));
      });
    }
    on("previous", () => this.step(-1));
    on("next", () => this.step(1));
    on("flag", () => this.toggleFlag());
    on("view-one", () => this.show("one"));
    on("view-all", () => this.show("all"));
    on("map-open", () => this.openMap());
    on("map-close", () => {
      this.closeMap();
      document.getElementById("map-open").focus();
    });
  }

  #clear(number) {
    if (!says(this.read(number))) return;
    this.#items.get(number).control.clear();
    this.#changed(number);
  }
}

// The indicator. "saved" only ever follows the server's acknowledgement (P5).
export const paintSave = (state, count, note = "") => {
  const place = document.getElementById("save");
  const word = fill(words[state], { n: count });
  if (place.dataset.state !== state) place.dataset.state = state;
  const big = document.getElementById("save-word");
  if (big.textContent !== word) big.textContent = word;
  const small = document.getElementById("save-at");
  if (small.textContent !== note) small.textContent = note;
};
