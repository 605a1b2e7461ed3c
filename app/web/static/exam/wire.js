// One request to the server and what became of it. Only an answer that the service itself gave counts as one.

import { proof } from "./lockdown.js";

const PATIENCE = 12000;
const SLOWEST = 10000;

export class Wire {
  // `clock` learns from every answer; `onTurn(up)` is told when the server is lost or found again.
  constructor(clock, onTurn = () => {}) {
    this.clock = clock;
    this.onTurn = onTurn;
    this.up = true;
    this.heardAt = performance.now();
    addEventListener("offline", () => this.#turn(false));
  }

  get(path) {
    return this.#ask("GET", path);
  }

  // With a `key` it is carried out once, however often it is sent (P4).
  post(path, body, key = "") {
    return this.#ask("POST", path, body, key);
  }

  // → {status, body, roundTrip, retryAfter}; status 0: no answer, the request may or may not have been carried out.
  async #ask(method, path, body, key = "") {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(), PATIENCE);
    const sent = performance.now();
    try {
      const response = await fetch(path, {
        method,
        body: body === undefined ? undefined : JSON.stringify(body),
        headers: {
          accept: "application/json",
          ...proof(),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(key ? { "idempotency-key": key } : {}),
        },
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        signal: giveUp.signal,
      });
      const received = performance.now();
      if (!/\bjson\b/.test(response.headers.get("content-type") || "")) {
        // A proxy speaks, not the service: nothing is acknowledged by that.
        return this.#unheard(response.status >= 500 ? Number(response.headers.get("retry-after")) : 0);
      }
      const answer = await response.json();
      if (answer.now) this.clock.tell(Date.parse(answer.now), sent, received);
      this.heardAt = received;
      this.#turn(true);
      const retryAfter = (Number(response.headers.get("retry-after")) || 0) * 1000;
      return { status: response.status, body: answer, roundTrip: received - sent, retryAfter };
    } catch {
      return this.#unheard(0);
    } finally {
      clearTimeout(timer);
    }
  }

  #unheard(seconds) {
    this.#turn(false);
    return { status: 0, body: {}, roundTrip: 0, retryAfter: (seconds || 0) * 1000 };
  }

  #turn(up) {
    if (this.up === up) return;
    this.up = up;
    this.onTurn(up);
  }
}

// How long to wait before try number `failures` + 1: twice as long each time, never less than the server asked for,
// and never the same for two computers, so that a room that comes back does not come back at once.
export const backoff = (failures, retryAfter = 0) => {
  const own = Math.min(SLOWEST, 500 * 2 ** Math.min(failures, 6));
  return Math.max(retryAfter, own / 2) + Math.random() * Math.max(own / 2, retryAfter / 4);
};
