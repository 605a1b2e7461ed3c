// Keeps the proctor's board up to date: by server-sent events, or by asking every 5 seconds where those do not come.
// Without it the board is still right at every reload.
"use strict";
{
  const board = document.querySelector("[data-board]");
  const words = JSON.parse(document.getElementById("board-words").textContent);
  const path = board.dataset.board;
  const HANDS = ["offline", "paused"];
  const ASK = 5000;
  const SILENT = 25000;
  const FRESH = 2000;

  // The server's time, carried by this page's monotonic clock: the computer's own clock is never read.
  let offset = Date.parse(board.dataset.now) - performance.now();
  let lines = new Map();
  let raised = new Set();
  let heardAt = 0;
  let source = null;
  let tried = performance.now();
  let asking = false;
  let failing = false;
  let told = "[[],[]]";
  let said = document.querySelector("[data-fresh] li") ? "" : told;
  let fetchedAt = -Infinity;

  const now = () => performance.now() + offset;
  const beijing = (ms, seconds = false) => new Date(ms + 8 * 3600000).toISOString().slice(11, seconds ? 19 : 16);
  const fill = (sentence, time) => sentence.replace("{time}", time);
  const put = (place, text) => {
    if (place && place.textContent !== text) place.textContent = text;
  };
  const left = (ms) => {
    const all = Math.max(0, Math.ceil(ms / 1000));
    const parts = [Math.floor(all / 3600), Math.floor((all % 3600) / 60), all % 60];
    return parts.map((part) => String(part).padStart(2, "0")).join(":");
  };

  const time = (line) => {
    if (line.standing === "offline" && line.since) return fill(words.offline, beijing(Date.parse(line.since)));
    if (line.left_until) {
      const until = Date.parse(line.left_until);
      return line.left_from
        ? fill(words.still, left(until - Date.parse(line.left_from)))
        : fill(words.left, left(until - now()));
    }
    return line.since ? fill(words.closed, beijing(Date.parse(line.since))) : "";
  };

  const paintLine = (line) => {
    const seat = board.querySelector(`[data-seat="${line.registration_id}"]`);
    if (!seat) return;
    if (seat.dataset.standing !== line.standing) {
      seat.dataset.standing = line.standing;
      const tag = seat.querySelector(".tag");
      tag.className = `tag ${words.kind[line.standing]}`;
      tag.textContent = words.standing[line.standing];
      const used = seat.querySelector(".seat-code .code");
      if (used && line.standing === "checked_in") for (const gone of [used, used.nextElementSibling]) gone.remove();
    }
    put(seat.querySelector("[data-answered]"), line.answered === null ? "" : `${line.answered} / ${board.dataset.items}`);
    put(seat.querySelector("[data-time]"), time(line));
    put(seat.querySelector("[data-saved]"), line.saved_at ? fill(words.saved, beijing(Date.parse(line.saved_at))) : "");
    const noticed = seat.querySelector("[data-signals]");
    noticed.hidden = !line.signals;
    put(noticed.querySelector(".num"), String(line.signals));
    const show = board.dataset.show;
    const wanted = !show || show === line.standing || (show === "hand" && (HANDS.includes(line.standing) || raised.has(line.registration_id)));
    seat.querySelector("[data-hand]").hidden = !raised.has(line.registration_id);
    seat.hidden = !wanted && !("called" in seat.dataset);
  };

  const paint = (shown) => {
    offset = Date.parse(shown.now) - performance.now();
    lines = new Map(shown.lines.map((line) => [line.registration_id, line]));
    raised = new Set(shown.hands.map((hand) => hand.registration_id));
    shown.lines.forEach(paintLine);
    const still = HANDS.reduce((sum, standing) => sum + shown.counts[standing], 0);
    const hands = shown.lines.filter((line) => HANDS.includes(line.standing) || raised.has(line.registration_id)).length;
    for (const place of board.querySelectorAll("[data-count]")) {
      put(place, String(place.dataset.count === "hand" ? hands : shown.counts[place.dataset.count]));
    }
    const figures = document.querySelectorAll("[data-tally] dd");
    const all = shown.lines.length;
    const there = all - shown.counts.not_arrived - shown.counts.absent;
    [null, `${there} / ${all}`, shown.counts.running, shown.counts.handed_in + shown.counts.closed, still].forEach(
      (value, index) => {
        if (value !== null && figures[index]) figures[index].firstChild.textContent = String(value);
      },
    );
    if (figures[4]) figures[4].parentElement.classList.toggle("urgent", still > 0);
    const none = board.querySelector("[data-none]");
    if (none) none.hidden = Boolean(board.querySelector(".seat:not([hidden])"));
    heardAt = performance.now();
    failing = false;
    say();
    told = JSON.stringify([shown.announcements, shown.hands]);
    document.getElementById("hands").toggleAttribute("data-quiet", !shown.hands.length);
    heed();
  };

  // What is said in the room is drawn by the server: when it has changed, its parts of the page are fetched and put in
  // place, but for one in which somebody is just writing.
  const heed = async () => {
    if (told === said || performance.now() - fetchedAt < FRESH) return;
    fetchedAt = performance.now();
    const now = told;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      let whole = true;
      for (const part of document.querySelectorAll("[data-fresh]")) {
        const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
        if (!fresh || part.querySelector("details[open]") || part.contains(document.activeElement)) whole = false;
        else part.replaceWith(fresh);
      }
      if (whole) said = now;
    } catch { /* the network is away: the next round tries again */ }
  };

  const say = () => {
    const at = beijing(now(), true);
    const word = board.querySelector("[data-live-word]");
    if (failing) put(word, fill(words.lost, beijing(heardAt + offset, true)));
    else put(word, fill(source ? words.live : words.asking, at));
  };

  const ask = async () => {
    if (asking || document.hidden) return;
    asking = true;
    try {
      const answer = await fetch(`/api/v1${path}/board`, { credentials: "same-origin", cache: "no-store" });
      if (answer.ok) paint(await answer.json());
      else if (answer.status === 401 || answer.status === 403 || answer.status === 404) location.reload();
      else failing = true;
    } catch {
      failing = true; // the network is away: the next round tries again
    }
    asking = false;
  };

  const listen = () => {
    tried = performance.now();
    source = new EventSource(`${path}/live`);
    source.onmessage = (event) => paint(JSON.parse(event.data));
    source.addEventListener("end", () => location.reload()); // the right to look has ended: the server says what follows
    source.onerror = () => {
      source.close();
      source = null;
    };
  };

  setInterval(() => {
    for (const line of lines.values()) {
      if (line.left_until && !line.left_from) paintLine(line);
    }
    const silent = performance.now() - heardAt;
    if (!source && silent > ASK) ask();
    else if (source && silent > SILENT) ask();
    if (!source && performance.now() - tried > SILENT) listen();
    for (const place of document.querySelectorAll("[data-since]")) {
      put(place, fill(words.waited, left(now() - Date.parse(place.dataset.since))));
    }
    heed();
    say();
  }, 1000);
  listen();
  const called = board.querySelector("[data-called]");
  if (called) called.scrollIntoView({ block: "center" });
}
