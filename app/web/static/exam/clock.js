// The server's time, carried by this page's monotonic clock. The computer's own date, time and zone are never read (P9).

const STALE = 60000;

export class ServerClock {
  #offset;
  #error;
  #measuredAt;

  // `now`: the server's time when it made the page, ISO 8601.
  constructor(now) {
    const navigation = performance.getEntriesByType("navigation")[0];
    const sent = navigation ? navigation.requestStart : performance.now();
    const received = navigation ? navigation.responseStart || sent : performance.now();
    this.tell(Date.parse(now), sent, received);
  }

  // One answer of the server: its `now` (ms) stands for the middle of the round trip. The surest measurement is kept
  // until it is old, or until another contradicts it: then this page slept, or the server's clock was set.
  tell(now, sent, received) {
    if (!Number.isFinite(now)) return;
    const error = (received - sent) / 2;
    const offset = now - (sent + received) / 2;
    const better =
      this.#offset === undefined ||
      error <= this.#error ||
      Math.abs(offset - this.#offset) > error + this.#error ||
      received - this.#measuredAt > STALE;
    if (better) {
      this.#offset = offset;
      this.#error = error;
      this.#measuredAt = received;
    }
  }

  // The server's time, in ms.
  now() {
    return performance.now() + this.#offset;
  }
}
