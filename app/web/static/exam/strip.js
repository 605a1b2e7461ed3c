// What no slower store has taken yet: written at once, into the session storage of this very tab, which outlives a
// reload but not the tab. A change stands here as it is, in plain text: for some milliseconds, until IndexedDB has it
// sealed; on a browser that offers no IndexedDB, until the server has it.

const nameOf = (attempt, position) => `chizheng-strip-${attempt}-${position}`;

export class Strip {
  #attempt;

  constructor(attempt) {
    this.#attempt = attempt;
  }

  // Whether this tab keeps anything at all.
  get works() {
    try {
      sessionStorage.setItem("chizheng-strip", "");
      return true;
    } catch {
      return false;
    }
  }

  // → false where it could not be kept.
  put(change) {
    try {
      sessionStorage.setItem(nameOf(this.#attempt, change.position), JSON.stringify(change));
      return true;
    } catch {
      return false;
    }
  }

  // Forget the change of an item, unless a newer one stands in its place.
  drop(position, revision) {
    try {
      const name = nameOf(this.#attempt, position);
      const held = JSON.parse(sessionStorage.getItem(name) || "null");
      if (held && held.revision <= revision) sessionStorage.removeItem(name);
    } catch { /* nothing was kept */ }
  }

  all() {
    const changes = [];
    try {
      const begin = nameOf(this.#attempt, "");
      for (const name of Object.keys(sessionStorage)) {
        if (name.startsWith(begin)) changes.push(JSON.parse(sessionStorage.getItem(name)));
      }
    } catch { /* nothing was kept */ }
    return changes;
  }
}
