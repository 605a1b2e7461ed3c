// A hand that is raised from the exam page, and a faulty item that is reported there: kept on the device until the
// server has it; a hand is then followed until somebody has seen to it.

import { announce, beijing, fill, words } from "./words.js";

const UP = ["waiting", "coming"];
const nameOf = (attempt) => `chizheng-hand-${attempt}`;

const newKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

export const dropHand = (attempt) => {
  try {
    localStorage.removeItem(nameOf(attempt));
  } catch { /* nothing was kept */ }
};

export class Hands {
  #attempt;
  #exam;
  #wire;
  #onSent;
  #busy = false;
  #unsent;
  #up = null;
  #dialog = document.getElementById("hand-dialog");
  #form = document.getElementById("hand-form");
  #button = document.getElementById("hand-open");

  // `current()`: the number of the item that stands on the page; `onSent()`: there is something to ask for.
  constructor({ attempt, exam, wire, current, onSent }) {
    this.#attempt = attempt;
    this.#exam = exam;
    this.#wire = wire;
    this.#onSent = onSent;
    this.#unsent = this.#recall();
    this.#button.addEventListener("click", () => {
      this.#problem("");
      this.#note("");
      document.getElementById("hand-item").textContent = fill(words.moved, { n: current() });
      this.#dialog.showModal();
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const given = new FormData(this.#form);
      const kind = given.get("kind");
      const fault = given.get("fault");
      const said = String(given.get("words") || "").trim().slice(0, 200);
      const bare = kind === "other" || (kind === "item_fault" && fault === "other");
      if (!kind || (bare && !said)) return this.#problem(kind ? words.hand_say : words.hand_choose);
      const position = current();
      if (kind === "item_fault") this.#keep({ to: "item-reports", key: newKey(), body: { position, fault, words: said } });
      else this.#keep({ to: "hands", key: newKey(), body: { kind, words: said, ...(kind === "item_unclear" ? { position } : {}) } });
      this.#form.reset();
      this.#choose();
      this.send();
    });
    this.#form.addEventListener("change", () => this.#choose());
    document.getElementById("hand-lower").addEventListener("click", () => this.#lower());
    this.#paint();
  }

  // Send what waits; again and again until the server says that it has it.
  async send() {
    if (!this.#unsent || this.#busy) return;
    this.#busy = true;
    const { to, key, body } = this.#unsent;
    const answer = await this.#wire.post(`/api/v1/exams/${this.#exam}/${to}`, body, key);
    this.#busy = false;
    if (answer.status === 0 || answer.status === 429 || answer.status >= 500) return this.#paint();
    this.#keep(null);
    if (answer.status === 200 && to === "hands") announce(words.hand_up);
    else if (answer.status === 200) this.#note(words.reported);
    else if (answer.body.code !== "hall.hand_up") this.#problem(answer.body.title || "");
    this.#onSent();
  }

  // The own hands as the server has them.
  show(hands) {
    this.#up = hands.find((hand) => UP.includes(hand.state)) || null;
    this.#paint();
  }

  async #lower() {
    if (this.#unsent) return this.#keep(null);
    if (!this.#up) return;
    await this.#wire.post(`/api/v1/hands/${this.#up.id}/lower`, {});
    this.#onSent();
  }

  #paint() {
    const up = this.#unsent || this.#up;
    this.#button.setAttribute("aria-pressed", String(Boolean(up)));
    this.#form.hidden = Boolean(up);
    document.getElementById("hand-up").hidden = !up;
    if (!up) return;
    const at = this.#up ? beijing(Date.parse(this.#up.raised_at), false) : "";
    const sentence = this.#unsent ? words.hand_unsent : this.#up.state === "coming" ? words.hand_coming : words.hand_waiting;
    document.getElementById("hand-state").textContent = fill(sentence, { time: at });
  }

  #choose() {
    document.getElementById("fault-field").hidden = new FormData(this.#form).get("kind") !== "item_fault";
  }

  #problem(sentence) {
    this.#say("hand-problem", sentence);
  }

  #note(sentence) {
    this.#say("hand-note", sentence);
  }

  #say(id, sentence) {
    const place = document.getElementById(id);
    place.textContent = sentence;
    place.hidden = !sentence;
  }

  #keep(unsent) {
    this.#unsent = unsent;
    this.#problem("");
    try {
      if (unsent) localStorage.setItem(nameOf(this.#attempt), JSON.stringify(unsent));
      else dropHand(this.#attempt);
    } catch { /* a locked-down browser may keep nothing: it then lasts as long as the page */ }
    this.#paint();
  }

  #recall() {
    try {
      return JSON.parse(localStorage.getItem(nameOf(this.#attempt)) || "null");
    } catch {
      return null;
    }
  }
}
