// What the page notices of itself: that it was left, that the full screen was left. How often and for how long in all
// is told with the look at the time; nothing is typed along, nothing is held back, nothing is closed by it.

const SHORT = 1000; // a window that flickers is nobody leaving

// One kind: since when it lasts, and what has been counted. Kept with the tab, so that a reload goes on counting.
class Tally {
  #name;
  #since = null;
  #counted = false;

  constructor(name) {
    this.#name = name;
    this.count = 0;
    this.spent = 0;
    try {
      const [count, spent] = JSON.parse(sessionStorage.getItem(name) || "[0,0]");
      if (count >= 0 && spent >= 0) [this.count, this.spent] = [count, spent];
    } catch { /* nothing was kept */ }
  }

  begin() {
    if (this.#since === null) [this.#since, this.#counted] = [performance.now(), false];
  }

  end() {
    if (this.#since === null) return;
    this.#look();
    if (this.#counted) this.spent += performance.now() - this.#since;
    this.#since = null;
    this.#keep();
  }

  // → [how often, for how many seconds], with what lasts still.
  get total() {
    this.#look();
    const lasting = this.#since !== null && this.#counted ? performance.now() - this.#since : 0;
    return [this.count, Math.round((this.spent + lasting) / 1000)];
  }

  #look() {
    if (this.#since === null || this.#counted || performance.now() - this.#since < SHORT) return;
    this.#counted = true;
    this.count += 1;
    this.#keep();
  }

  #keep() {
    try {
      sessionStorage.setItem(this.#name, JSON.stringify([this.count, Math.round(this.spent)]));
    } catch { /* a locked-down browser may keep nothing: it then lasts as long as the page */ }
  }
}

export class Signals {
  #tallies = new Map();
  #still;
  #entered = false;

  // `taken`: the kinds that the exam takes; `still()`: whether nothing is to be noticed now, as during a pause.
  constructor({ attempt, epoch, taken, still }) {
    this.#still = still;
    for (const kind of ["away", "full_screen"]) {
      if (taken.includes(kind)) this.#tallies.set(kind, new Tally(`chizheng-${kind}-${attempt}-${epoch}`));
    }
    for (const name of ["blur", "focus", "pagehide"]) addEventListener(name, () => this.#look());
    for (const name of ["visibilitychange", "fullscreenchange"]) document.addEventListener(name, () => this.#look());
    matchMedia("(display-mode: fullscreen)").addEventListener("change", () => this.#look());
    this.#offer();
  }

  // What a look at the time tells: "away.3.41~full_screen.1.20", or nothing.
  said() {
    this.#look();
    const parts = [];
    for (const [kind, tally] of this.#tallies) {
      const [count, seconds] = tally.total;
      if (count) parts.push(`${kind}.${count}.${seconds}`);
    }
    return parts.join("~");
  }

  #look() {
    const still = this.#still();
    this.#tell("away", !still && (document.hidden || !document.hasFocus()));
    this.#tell("full_screen", !still && this.#entered && !this.#full());
    const offer = document.getElementById("full-screen");
    if (offer) offer.hidden = !this.#tallies.has("full_screen") || this.#full();
  }

  #tell(kind, lasts) {
    const tally = this.#tallies.get(kind);
    if (!tally) return;
    if (lasts) tally.begin();
    else tally.end();
  }

  // The program that holds the screen itself is full by its own settings.
  #full() {
    const full = Boolean(document.fullscreenElement) || matchMedia("(display-mode: fullscreen)").matches || Boolean(globalThis.SafeExamBrowser);
    if (full) this.#entered = true;
    return full;
  }

  // A browser fills the screen only when somebody asks it to; who does not is not kept from anything.
  #offer() {
    const button = document.getElementById("full-screen-enter");
    if (button) button.addEventListener("click", () => document.documentElement.requestFullscreen?.().catch(() => {}));
    this.#look();
  }
}
