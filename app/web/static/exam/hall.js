// What is said to a candidate during a sitting: fetched when the server says that there is more, shown, said aloud once,
// kept in a list. A page with nothing but the list has #hall-list; the strip and the dialog are the exam page's.

import { announce, beijing, fill, words } from "./words.js";

const nameOf = (exam) => `chizheng-hall-${exam}`;

export class Hall {
  #exam;
  #wire;
  #shown;
  #onHands;
  #busy = false;
  #put;
  #rows = [];
  #replies = [];
  #turns = 0;

  // `shown`: whether the list itself stands open on the page, so that what is in it has been shown for good.
  // `onHands(hands)`: the own raised hands, whenever they were fetched.
  constructor({ exam, wire, shown = false, onHands = () => {} }) {
    this.#exam = exam;
    this.#wire = wire;
    this.#shown = shown;
    this.#onHands = onHands;
    this.seen = 0;
    this.#put = this.#recall();
    const done = document.getElementById("hall-done");
    if (!done) return;
    done.addEventListener("click", () => this.#done());
    const list = document.getElementById("hall-dialog");
    for (const open of document.querySelectorAll("[data-hall-open]")) {
      open.addEventListener("click", () => list.showModal());
    }
  }

  // The server says how far the announcements go, and how often the own hands have moved.
  async heed(announced, turns = 0) {
    if ((!(announced > this.seen) && turns === this.#turns) || this.#busy) return;
    this.#busy = true;
    const { status, body } = await this.#wire.get(`/api/v1/exams/${this.#exam}/hall`);
    this.#busy = false;
    if (status !== 200) return;
    const known = new Set([...this.#rows, ...this.#replies].map((row) => row.name));
    this.#rows = body.announcements.map((row) => ({ ...row, name: `n${row.number}`, kind: this.#kind(row), at: row.made_at }));
    this.#replies = body.hands.filter((hand) => hand.state === "answered" || hand.state === "coming").map((hand) => ({
      name: `h${hand.id}.${hand.turn}`,
      kind: words.reply,
      at: hand.raised_at,
      words: hand.state === "coming" ? words.hand_coming : (document.documentElement.lang === "en" && hand.reply_en) || hand.reply_zh,
    }));
    this.seen = body.announcements.reduce((most, row) => Math.max(most, row.number), 0);
    this.#turns = body.turns;
    const fresh = this.#all().filter((row) => !known.has(row.name) && !this.#put.has(row.name));
    if (fresh.length) announce(fresh.map((row) => `${row.kind} ${row.words}`).join(" "));
    this.#onHands(body.hands);
    if (this.#shown) this.#done();
    else this.#paint();
  }

  #all() {
    return [...this.#rows, ...this.#replies];
  }

  #kind(row) {
    return row.withdraws ? words.withdrawal : row.replaces ? words.correction : words.announcement;
  }

  #paint() {
    const all = this.#all();
    document.getElementById("hall-list").replaceChildren(...[...all].reverse().map((row) => this.#line(row)));
    for (const place of document.querySelectorAll("[data-hall]")) place.hidden = !all.length;
    for (const place of document.querySelectorAll("[data-hall-count]")) place.textContent = String(all.length);
    const waiting = all.filter((row) => !this.#put.has(row.name) && !row.replaced_by);
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
    kind.textContent = row.kind;
    said.append(kind, ` ${row.words}`);
    return said;
  }

  #line(row) {
    const line = document.createElement("li");
    const head = document.createElement("p");
    head.className = "small muted num";
    const gone = row.replaced_by ? ` · ${fill(words.replaced, { n: row.replaced_by })}` : "";
    head.textContent = `${row.number ? `${row.number} · ` : ""}${row.kind} · ${beijing(Date.parse(row.at), false)}${gone}`;
    const text = document.createElement(row.replaced_by ? "s" : "p");
    text.textContent = row.words;
    line.append(head, text);
    return line;
  }

  #done() {
    for (const row of this.#all()) this.#put.add(row.name);
    try {
      sessionStorage.setItem(nameOf(this.#exam), JSON.stringify([...this.#put]));
    } catch { /* a locked-down browser may keep nothing: after a reload it is shown once more */ }
    this.#paint();
  }

  #recall() {
    try {
      return new Set(JSON.parse(sessionStorage.getItem(nameOf(this.#exam))) || []);
    } catch {
      return new Set();
    }
  }
}
