// What this device keeps until the server has it: one change per item, in IndexedDB, deleted when acknowledged (P5).
//
// Where the page is a secure context (HTTPS or this machine itself) a change is sealed with AES-GCM under a key that
// cannot be exported and that never leaves this browser's store. That keeps responses out of plain sight on the disk
// of a shared computer; it does not keep them from someone who runs scripts in this very browser profile. On plain
// HTTP browsers offer no such key, and changes are kept as they are.

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
  const tooSlow = new Promise((_, reject) => setTimeout(() => reject(new Error("slow")), SLOW));
  return Promise.race([done(request), tooSlow]);
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

// The journal of one attempt. `kind`: "sealed", "plain", or "none" where this browser keeps nothing.
export const openJournal = async (attempt) => {
  try {
    const database = await openDatabase();
    return new Journal(attempt, database, await deviceKey(database));
  } catch {
    return new Journal(attempt, null, null);
  }
};

class Journal {
  #attempt;
  #database;
  #key;
  #queue = Promise.resolve();

  constructor(attempt, database, key) {
    this.#attempt = attempt;
    this.#database = database;
    this.#key = key;
    this.kind = database ? (key ? "sealed" : "plain") : "none";
  }

  // Keep a change {position, revision, response, epoch, at}; a newer one of the same item takes its place.
  keep(change) {
    return this.#inTurn(async () => {
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
    });
  }

  // Forget a change that the server has, unless a newer one stands in its place.
  drop(position, revision) {
    return this.#inTurn(async () => {
      const transaction = this.#database.transaction("changes", "readwrite");
      const store = transaction.objectStore("changes");
      const row = await done(store.get([this.#attempt, position]));
      if (row && row.revision <= revision) store.delete([this.#attempt, position]);
      await finished(transaction);
    });
  }

  // Every change kept for this attempt, in the order of typing.
  async all() {
    if (!this.#database) return [];
    const range = IDBKeyRange.bound([this.#attempt, 0], [this.#attempt, Infinity]);
    const rows = await done(this.#database.transaction("changes").objectStore("changes").getAll(range));
    const changes = [];
    for (const row of rows) {
      try {
        changes.push(row.sealed ? await this.#unseal(row) : row.change);
      } catch { /* sealed by a key that this browser has lost: nobody can read it any more */ }
    }
    return changes.sort((a, b) => a.at - b.at);
  }

  async #unseal(row) {
    const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, this.#key, row.sealed);
    return JSON.parse(new TextDecoder().decode(text));
  }

  // Sealing takes a moment: without a queue an older change could be written over a newer one.
  #inTurn(act) {
    if (!this.#database) return Promise.resolve();
    this.#queue = this.#queue.then(act).catch(() => {
      this.kind = "none"; // disk full, store deleted: the page says so from now on
    });
    return this.#queue;
  }
}
