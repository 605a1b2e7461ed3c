// From a change to an acknowledgement: device first, then the server, again and again until the server says it has it.

import { backoff } from "./wire.js";

const GATHER = 300;
const GATHER_TYPED = 1200;
const MOST = 50;
const LEAVING = 10000;
const HALTS = {
  "attempt.other_session": "elsewhere",
  "attempt.closed": "closed",
  "attempt.late": "closed",
  "attempt.over": "closed",
  "practice.over": "closed",
};

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

export class Saver {
  #timer = 0;
  #busy = false;
  #failures = 0;
  #leftAt = -Infinity;
  #onTurn;
  #onHalt;

  // `path`: where the attempt stands. `saved`: [{position, revision, response, at (ms)}], as the server has it. `onTurn()` after every move of a change;
  // `onHalt(why)` where no more can be saved: "elsewhere", "closed", "signed_out", "ended".
  constructor({ path, epoch, saved, journal, wire, clock, onTurn, onHalt }) {
    this.path = path;
    this.epoch = epoch;
    this.journal = journal;
    this.wire = wire;
    this.clock = clock;
    this.pending = new Map();
    this.refused = new Set();
    this.touched = new Set();
    this.stored = new Map(saved.map((row) => [row.position, row]));
    this.newest = new Map(saved.map((row) => [row.position, row.revision]));
    this.confirmedAt = saved.reduce((latest, row) => Math.max(latest, row.at), 0);
    this.halted = "";
    this.crowded = false;
    this.#onTurn = onTurn;
    this.#onHalt = onHalt;
  }

  // A new response to an item; one that is still being written is sent less often.
  change(position, response, typing = false) {
    if (this.halted) return;
    const last = this.pending.get(position) || this.stored.get(position);
    if (last && same(last.response, response)) return; // a field was left, or white space typed
    this.touched.add(position);
    this.#queue({ position, response, at: this.clock.now() });
    if (!this.#timer) this.#schedule(typing ? GATHER_TYPED : GATHER); // a wait that the server asked for is not cut short by typing
  }

  // Take up what this device kept through a reload, a crash, a sign-in or a stay elsewhere; → the changes taken up.
  // Again when a slow store has opened: what has been given in this page is newer than anything it holds.
  async resume() {
    const taken = [];
    for (const change of await this.journal.all()) {
      if (this.touched.has(change.position)) continue;
      const stored = this.stored.get(change.position) || { revision: 0, response: [], at: 0 };
      const known = change.revision <= stored.revision;
      // What was typed elsewhere after it is newer, whatever the numbers say; what the server has needs no second time.
      const older = change.at <= stored.at && (known || change.epoch !== this.epoch);
      if (older || same(change.response, stored.response)) {
        this.journal.drop(change.position, change.revision);
        continue;
      }
      this.newest.set(change.position, Math.max(stored.revision, change.revision - 1));
      this.touched.add(change.position);
      this.#queue(change);
      taken.push(change);
    }
    if (taken.length) this.#schedule(0);
    return taken;
  }

  // The page is being left, perhaps for itself: the next one may be made before the server has what is under way, and
  // finds it in the journal even if it is acknowledged to this one.
  leave() {
    this.#leftAt = performance.now();
  }

  // The newest response to each item, unsent or stored, as a response file holds them.
  everything() {
    const newest = new Map([...this.stored, ...this.pending]);
    return [...newest.values()].map(({ position, revision, response, epoch }) => ({
      position, revision, response, epoch: epoch || this.epoch,
    }));
  }

  // Send what waits now, as when the network is back or the time is nearly over.
  hurry() {
    this.#failures = 0;
    this.#schedule(0);
  }

  // Nothing more is sent from this page; what waits stays on the device.
  halt(why) {
    if (this.halted) return;
    this.halted = why;
    clearTimeout(this.#timer);
    this.#onHalt(why);
  }

  // How long the oldest unacknowledged change has waited, in ms.
  waited() {
    let oldest = Infinity;
    for (const change of this.pending.values()) oldest = Math.min(oldest, change.at);
    return oldest === Infinity ? 0 : Math.max(0, this.clock.now() - oldest);
  }

  #queue({ position, response, at }) {
    const revision = (this.newest.get(position) || 0) + 1;
    this.newest.set(position, revision);
    const change = { position, revision, response, epoch: this.epoch, at };
    this.pending.delete(position);
    this.pending.set(position, change);
    this.refused.delete(position);
    this.journal.keep(change);
    this.#onTurn();
  }

  #schedule(delay) {
    if (this.halted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#flush();
    }, delay);
  }

  async #flush() {
    if (this.#busy || this.halted || !this.pending.size) return;
    this.#busy = true;
    const batch = [...this.pending.values()].slice(0, this.refused.size ? 1 : MOST);
    const changes = batch.map(({ position, revision, response, epoch }) => ({ position, revision, response, epoch }));
    const answer = await this.wire.post(`${this.path}/saves`, { changes });
    this.#busy = false;
    if (answer.status === 200 && this.#acknowledge(batch, answer.body)) {
      this.#failures = 0;
      this.crowded = false;
      if (this.pending.size) this.#schedule(this.refused.size === this.pending.size ? 10000 : 0);
    } else {
      await this.#refuse(batch, answer);
    }
    this.#onTurn();
  }

  // Mark as saved what the server names with its receipt, and nothing else (P5, P6).
  #acknowledge(batch, body) {
    const results = Array.isArray(body.results) ? body.results : [];
    if (results.length !== batch.length || results.some((result) => !result.receipt)) return false;
    results.forEach((result, index) => {
      const sent = batch[index];
      const { position } = sent;
      if (result.status === "superseded" && result.newest > sent.revision) {
        this.newest.set(position, Math.max(result.newest, this.newest.get(position) || 0));
        const now = this.pending.get(position);
        if (now && now.revision <= result.newest) this.#queue(now); // typed here, after what was stored: send it again
        return;
      }
      const at = Date.parse(result.at);
      this.stored.set(position, { position, revision: sent.revision, response: sent.response, at });
      if (this.pending.get(position) === sent) this.pending.delete(position);
      this.refused.delete(position);
      if (performance.now() - this.#leftAt > LEAVING) this.journal.drop(position, sent.revision);
    });
    this.confirmedAt = Math.max(this.confirmedAt, Date.parse(body.now) || 0);
    return true;
  }

  async #refuse(batch, { status, body, retryAfter }) {
    if (body.code === "attempt.exam_browser") return this.halt("browser");
    if (status === 401 || status === 403) return this.halt("signed_out");
    if (status === 404) return this.halt("ended");
    if (status === 409 && HALTS[body.code]) return this.halt(HALTS[body.code]);
    if (status === 409 && body.code === "attempt.revision_conflict") return this.#reconcile();
    if (status === 422) return this.#setAside(batch);
    this.crowded = status >= 429;
    this.#failures += 1;
    this.#schedule(backoff(this.#failures, retryAfter));
  }

  // The same revision was stored with another response: number ours after what is stored, for it was typed here last.
  async #reconcile() {
    const { status, body } = await this.wire.get(`${this.path}/state`);
    if (status === 200 && Array.isArray(body.responses)) {
      for (const { position, revision } of body.responses) {
        this.newest.set(position, Math.max(revision, this.newest.get(position) || 0));
        const waiting = this.pending.get(position);
        if (waiting && waiting.revision <= revision) this.#queue(waiting);
      }
    }
    this.#failures += 1;
    this.#schedule(backoff(this.#failures));
  }

  // A change that the server cannot read must not hold back the others: from now on one by one, this one last.
  #setAside(batch) {
    for (const change of batch) {
      this.refused.add(change.position);
      if (batch.length === 1 && this.pending.get(change.position) === change) {
        this.pending.delete(change.position);
        this.pending.set(change.position, change);
      }
    }
    this.#failures += 1;
    this.#schedule(batch.length === 1 ? backoff(this.#failures) : 0);
  }
}
