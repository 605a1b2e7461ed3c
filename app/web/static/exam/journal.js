// What this device keeps until the server has it: one change per item, deleted when acknowledged (P5).
//
// A change lies in two places, one after the other. First and at once in the session storage of this tab (strip.js), in
// plain text: whatever happens in the next milliseconds, a reload finds it. Then in IndexedDB, which outlives tab,
// browser and computer; when it has it there, the first place is cleared. Where the page is a secure context (HTTPS or
// this machine itself) IndexedDB is given it sealed with AES-GCM, under a key that cannot be exported and that never
// leaves this browser's store. That keeps responses out of plain sight on the disk of a shared computer; it does not
// keep them from someone who runs scripts in this very browser profile. On plain HTTP browsers offer no such key, and
// changes are kept as they are.

import { Strip } from "./strip.js";

const NAME = "chizheng-journal";
const SLOW = 3000;

const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const finished = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
  });

const openDatabase = () => {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore("changes", { keyPath: ["attempt", "position"] });
    request.result.createObjectStore("keys");
  };
  return done(request);
};

const deviceKey = async (database) => {
  if (!globalThis.crypto || !crypto.subtle) return null;
  const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const transaction = database.transaction("keys", "readwrite");
  const store = transaction.objectStore("keys");
  const held = await done(store.get("device"));
  if (!held) store.put(fresh, "device");
  await finished(transaction);
  return held || fresh;
};

// The journal of one attempt, as soon as its store is open, and at the latest after SLOW ms: then it goes on opening,
// and what it takes meanwhile stands in this tab.
export const openJournal = async (attempt) => {
  const journal = new Journal(attempt);
  await Promise.race([journal.opened, new Promise((resolve) => setTimeout(resolve, SLOW))]);
  return journal;
};

class Journal {
  #attempt;
  #strip;
  #database = null;
  #key = null;
  #broken = false;
  #queue;

  constructor(attempt) {
    this.#attempt = attempt;
    this.#strip = new Strip(attempt);
    // Settles when the store is open, or will never be: then `kind` says what is left.
    this.opened = this.#open();
    this.#queue = this.opened;
  }

  // "sealed", "plain"; "tab": only what outlives a reload of this tab; "none" where this browser keeps nothing.
  get kind() {
    if (this.#database && !this.#broken) return this.#key ? "sealed" : "plain";
    return this.#strip.works ? "tab" : "none";
  }

  async #open() {
    try {
      const database = await openDatabase();
      this.#key = await deviceKey(database);
      this.#database = database;
    } catch { /* no such store in this browser: `kind` says so */ }
  }

  // Keep a change {position, revision, response, epoch, at}; a newer one of the same item takes its place. When this
  // returns, a reload finds it; the promise settles when it lies where it outlives the tab.
  keep(change) {
    const stands = this.#strip.put(change);
    return this.#inTurn(async () => {
      await this.#store(change);
      if (stands) this.#strip.drop(change.position, change.revision);
    });
  }

  async #store(change) {
    const row = { attempt: this.#attempt, position: change.position, revision: change.revision };
    if (this.#key) {
      row.iv = crypto.getRandomValues(new Uint8Array(12));
      const text = new TextEncoder().encode(JSON.stringify(change));
      row.sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv: row.iv }, this.#key, text);
    } else {
      row.change = change;
    }
    const transaction = this.#database.transaction("changes", "readwrite");
    transaction.objectStore("changes").put(row);
    await finished(transaction);
  }

  // Forget a change that the server has, unless a newer one stands in its place.
  drop(position, revision) {
    this.#strip.drop(position, revision);
    return this.#inTurn(async () => {
      const transaction = this.#database.transaction("changes", "readwrite");
      const store = transaction.objectStore("changes");
      const row = await done(store.get([this.#attempt, position]));
      if (row && row.revision <= revision) store.delete([this.#attempt, position]);
      await finished(transaction);
    });
  }

  // Every change kept for this attempt, in the order of typing; of an item that stands in both places, the newer.
  async all() {
    const newest = new Map();
    for (const change of [...(await this.#stored()), ...this.#strip.all()]) {
      const other = newest.get(change.position);
      if (!other || other.at <= change.at) newest.set(change.position, change);
    }
    return [...newest.values()].sort((a, b) => a.at - b.at);
  }

  async #stored() {
    if (!this.#database || this.#broken) return [];
    const changes = [];
    try {
      const range = IDBKeyRange.bound([this.#attempt, 0], [this.#attempt, Infinity]);
      for (const row of await done(this.#database.transaction("changes").objectStore("changes").getAll(range))) {
        try {
          changes.push(row.sealed ? await this.#unseal(row) : row.change);
        } catch { /* sealed by a key that this browser has lost: nobody can read it any more */ }
      }
    } catch {
      this.#broken = true;
    }
    return changes;
  }

  async #unseal(row) {
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, this.#key, row.sealed);
    return JSON.parse(new TextDecoder().decode(text));
  }

  // Sealing takes a moment: without a queue an older change could be written over a newer one.
  #inTurn(act) {
    this.#queue = this.#queue.then(async () => {
      if (!this.#database || this.#broken) return;
      try {
        await act();
      } catch {
        this.#broken = true; // disk full, store deleted: the page says so from now on
      }
    });
    return this.#queue;
  }
}
