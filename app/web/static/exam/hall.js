// What is announced during a sitting: fetched when the server says that there is more, shown, said aloud once, kept in
// a list. A page that stands on nothing but this looks for #hall-list; the strip and the dialog are the exam page's.

import { announce, beijing, fill, words } from "./words.js";

const nameOf = (exam) => `chizheng-hall-${exam}`;

export class Hall {
  #exam;
  #wire;
  #busy = false;
  #read;

  // `shown`: whether the list itself stands open on the page, so that what is in it has been shown for good.
  constructor({ exam, wire, shown = false }) {
    this.#exam = exam;
    this.#wire = wire;
    this.shown = shown;
    this.seen = 0;
    this.rows = [];
    this.#read = this.#recall();
    const done = document.getElementById("hall-done");
    if (!done) return;
    done.addEventListener("click", () => this.#done());
    const list = document.getElementById("hall-dialog");
    for (const open of document.querySelectorAll("[data-hall-open]")) {
      open.addEventListener("click", () => list.showModal());
    }
  }

  // The server says how far the announcements go; → whether there was more to show.
  async heed(announced) {
    if (!(announced > this.seen) || this.#busy) return false;
    this.#busy = true;
    const { status, body } = await this.#wire.get(`/api/v1/exams/${this.#exam}/hall`);
    this.#busy = false;
    if (status !== 200) return false;
    const before = this.seen;
    this.rows = body.announcements;
    this.#paint();
    this.seen = this.rows.reduce((most, row) => Math.max(most, row.number), 0);
    const fresh = this.rows.filter((row) => row.number > Math.max(before, this.#read));
    if (fresh.length) announce(fresh.map((row) => `${this.#kind(row)} ${row.words}`).join(" "));
    if (this.shown) this.#done();
    return true;
  }

  #kind(row) {
    return row.withdraws ? words.withdrawal : row.replaces ? words.correction : words.announcement;
  }

  #paint() {
    const list = document.getElementById("hall-list");
    list.replaceChildren(...[...this.rows].reverse().map((row) => this.#line(row)));
    for (const place of document.querySelectorAll("[data-hall]")) place.hidden = !this.rows.length;
    for (const place of document.querySelectorAll("[data-hall-count]")) place.textContent = String(this.rows.length);
    const waiting = this.rows.filter((row) => row.number > this.#read && !row.replaced_by);
    for (const id of ["hall", "halt-said"]) {
      const place = document.getElementById(id);
      if (place) place.hidden = !waiting.length;
    }
    for (const id of ["hall-words", "halt-said"]) {
      const place = document.getElementById(id);
      if (place) place.replaceChildren(...waiting.map((row) => this.#sentence(row)));
    }
  }

  #sentence(row) {
    const said = document.createElement("p");
    const kind = document.createElement("b");
    kind.textContent = this.#kind(row);
    said.append(kind, ` ${row.words}`);
    return said;
  }

  #line(row) {
    const line = document.createElement("li");
    const head = document.createElement("p");
    head.className = "small muted num";
    const gone = row.replaced_by ? ` · ${fill(words.replaced, { n: row.replaced_by })}` : "";
    head.textContent = `${row.number} · ${this.#kind(row)} · ${beijing(Date.parse(row.made_at), false)}${gone}`;
    const text = document.createElement(row.replaced_by ? "s" : "p");
    text.textContent = row.words;
    line.append(head, text);
    return line;
  }

  #done() {
    this.#read = this.seen;
    try {
      sessionStorage.setItem(nameOf(this.#exam), String(this.seen));
    } catch { /* a locked-down browser may keep nothing: after a reload it is shown once more */ }
    this.#paint();
  }

  #recall() {
    try {
      return Number(sessionStorage.getItem(nameOf(this.#exam))) || 0;
    } catch {
      return 0;
    }
  }
}
