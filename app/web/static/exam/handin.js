// Handing in: asked once, with what is unanswered named; sent only when everything is saved.

import { beijing, fill, words } from "./words.js";

export class HandIn {
  #sending = false;

  // `onDone()` after the server has taken it in; `onRefused(code)` where it says that this page may not.
  constructor({ path, epoch, handInFrom, deadline, sheet, saver, wire, clock, onDone, onRefused }) {
    Object.assign(this, { path, epoch, handInFrom, deadline, sheet, saver, wire, clock, onDone, onRefused });
    this.dialog = document.getElementById("hand-in");
    this.confirm = document.getElementById("hand-in-confirm");
    this.line = document.getElementById("hand-in-early");
    this.word = this.confirm.textContent;
    this.said = "";
    document.getElementById("hand-in-open").addEventListener("click", () => this.#open());
    document.getElementById("hand-in-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  // Keep the dialog true while it stands open.
  paint() {
    if (!this.dialog.open) return;
    const unsaved = this.saver.pending.size > 0;
    const early = this.clock.now() < Math.min(this.handInFrom, this.deadline());
    document.getElementById("hand-in-unsaved").hidden = !unsaved;
    const text = early ? fill(words.hand_in_from, { time: beijing(this.handInFrom, false) }) : this.said;
    if (this.line.textContent !== text) this.line.textContent = text;
    this.line.hidden = !text;
    this.confirm.disabled = unsaved || early || this.#sending;
    this.confirm.textContent = this.#sending ? words.handing_in : this.word;
  }

  #open() {
    this.sheet.closeMap();
    this.said = "";
    const left = this.sheet.unanswered();
    document.getElementById("hand-in-todo").hidden = !left.length;
    document.getElementById("unanswered").replaceChildren(
      ...left.map((number) => {
        const link = document.createElement("a");
        link.href = `#item-${number}`;
        link.dataset.goto = number;
        link.textContent = number;
        const row = document.createElement("li");
        row.append(link);
        return row;
      }),
    );
    if (this.saver.pending.size) this.saver.hurry();
    this.dialog.showModal();
    this.paint();
  }

  // The server does it once, however often it is sent (P4).
  async #send() {
    if (this.#sending || this.saver.pending.size) return;
    this.#sending = true;
    this.paint();
    const { status, body } = await this.wire.post(`${this.path}/hand-in`, { epoch: this.epoch });
    if (status === 200 && body.state === "closed") return this.onDone();
    this.#sending = false;
    const final = ["attempt.other_session", "attempt.over", "attempt.closed"].includes(body.code);
    if (final || status === 401 || status === 403 || status === 404) {
      this.dialog.close();
      return this.onRefused(status === 409 || body.code === "attempt.exam_browser" ? body.code : String(status));
    }
    this.said = status === 409 ? body.title : words.no_answer;
    this.paint();
  }
}
