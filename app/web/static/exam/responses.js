// What a candidate can give to an item, by its type: read from the page, written into it. A response is what the server
// calls one: displayed positions from 0, or texts.

import { announce, fill, words } from "./words.js";

// Whether a response says anything.
export const says = (response) => (typeof response === "string" ? response !== "" : response.some((part) => part !== "" && part !== null));

// Control characters and halves of characters come in by pasting; nobody meant them, and nothing could show them again.
const UNSHOWN = /[\p{Cs}\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/gu;
const written = (field) => field.value.replace(UNSHOWN, "").trim();

// Browsers put back what stood in a field before a reload; what counts is what the server and the journal hold.
const restore = (fields) => {
  for (const field of fields) field.value = field.defaultValue;
};

class Options {
  constructor(article) {
    this.inputs = [...article.querySelectorAll(".opt input")];
    for (const input of this.inputs) input.checked = input.defaultChecked;
  }

  read() {
    const chosen = this.inputs.filter((input) => input.checked);
    return chosen.map((input) => Number(input.value)).sort((a, b) => a - b);
  }

  write(response) {
    for (const input of this.inputs) input.checked = response.includes(Number(input.value));
  }

  clear() {
    this.write([]);
  }

  // Choose or take back the option with this letter; false where there is none.
  choose(letter) {
    const input = this.inputs.find((option) => option.dataset.key === letter);
    if (!input) return false;
    input.focus();
    input.checked = !input.checked;
    return true;
  }
}

class Blanks {
  constructor(article) {
    this.fields = [...article.querySelectorAll(".given input")];
    restore(this.fields);
  }

  read() {
    return this.fields.map(written);
  }

  write(response) {
    this.fields.forEach((field, at) => {
      field.value = response[at];
    });
  }

  clear() {
    for (const field of this.fields) field.value = "";
  }
}

class Text {
  constructor(article) {
    this.field = article.querySelector(".given input, .given textarea");
    restore([this.field]);
  }

  read() {
    return written(this.field);
  }

  write(response) {
    this.field.value = response;
  }

  clear() {
    this.field.value = "";
  }
}

class Pairs {
  constructor(article) {
    this.selects = [...article.querySelectorAll(".match select")];
    for (const select of this.selects) {
      for (const option of select.options) option.selected = option.defaultSelected;
    }
  }

  read() {
    return this.selects.map((select) => (select.value === "" ? null : Number(select.value)));
  }

  write(response) {
    this.selects.forEach((select, at) => {
      select.value = response[at] === null ? "" : String(response[at]);
    });
  }

  clear() {
    for (const select of this.selects) select.value = "";
  }
}

// The order as displayed is no response: it becomes one when something is moved, or when the candidate says so.
class Order {
  #onGiven;

  constructor(article, onGiven) {
    this.list = article.querySelector(".order");
    this.keep = article.querySelector("[data-keep]");
    this.given = "given" in this.list.dataset;
    this.#onGiven = onGiven;
    this.#paint();
    this.list.addEventListener("click", (event) => {
      const button = event.target.closest("[data-move]");
      if (button) this.#move(button);
    });
    this.keep.addEventListener("click", () => this.#give());
  }

  read() {
    return this.given ? this.#rows().map((row) => Number(row.dataset.value)) : [];
  }

  write(response) {
    this.given = response.length > 0;
    const rows = this.#rows();
    const wanted = this.given ? response : rows.map((row) => Number(row.dataset.value)).sort((a, b) => a - b);
    this.list.append(...wanted.map((value) => rows.find((row) => Number(row.dataset.value) === value)));
    this.#paint();
  }

  clear() {
    this.write([]);
  }

  #rows() {
    return [...this.list.children];
  }

  #move(button) {
    const row = button.closest("li");
    const by = Number(button.dataset.move);
    const other = by < 0 ? row.previousElementSibling : row.nextElementSibling;
    if (!other) return;
    if (by < 0) other.before(row);
    else other.after(row);
    this.#give();
    button.focus(); // moved in the page, it would lose it
    announce(fill(words.placed, { key: row.dataset.key, n: this.#rows().indexOf(row) + 1 }));
  }

  #give() {
    this.given = true;
    this.#paint();
    this.#onGiven();
  }

  #paint() {
    this.list.toggleAttribute("data-given", this.given);
    this.keep.hidden = this.given;
    const rows = this.#rows();
    rows.forEach((row, at) => {
      const [up, down] = row.querySelectorAll("[data-move]");
      up.setAttribute("aria-disabled", String(at === 0));
      down.setAttribute("aria-disabled", String(at === rows.length - 1));
    });
  }
}

const CONTROLS = {
  single_choice: Options,
  multiple_choice: Options,
  true_false: Options,
  fill_blank: Blanks,
  matching: Pairs,
  ordering: Order,
};

// The control of an item; `onGiven()` where it takes a response by itself, without an event of a field.
export const controlOf = (article, onGiven) => new (CONTROLS[article.dataset.kind] || Text)(article, onGiven);
