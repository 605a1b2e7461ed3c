// The exam page: what the server gave, the clock, the journal, the sheet, put together.

import { ServerClock } from "./clock.js";
import { handed } from "./envelope.js";
import { canExport, exportFile } from "./export.js";
import { dropFlags, keepFlags, readFlags } from "./flags.js";
import { Hall } from "./hall.js";
import { endHalt, showHalt } from "./halt.js";
import { HandIn } from "./handin.js";
import { dropHand, Hands } from "./hands.js";
import { openJournal } from "./journal.js";
import { listenToKeys } from "./keys.js";
import { dropNotes, keepNotes } from "./notes.js";
import { says } from "./responses.js";
import { Saver } from "./saver.js";
import { Signals } from "./signals.js";
import { claim } from "./tabs.js";
import { paintSave, Sheet } from "./view.js";
import { Wire } from "./wire.js";
import { announce, beijing, countdown, fill, readJson, words } from "./words.js";
import { listenToPictures } from "./zoom.js";

const MINUTE = 60000;
const ANNOUNCED = [30, 5, 1];
const POLL = 8000;
const LATE = 5000;
const MARKED = 1500;
const SHOWN = 15000;

const data = readJson("attempt");
// A practice attempt stands elsewhere; on this device it has a name of its own, for its numbers are not those of exams.
const path = data.path || `/api/v1/attempts/${data.attempt_id}`;
const here = data.here || `/exams/${data.exam_id}/sit`;
const own = data.practice ? `practice-${data.attempt_id}` : data.attempt_id;

const clock = handed.clock || new ServerClock(data.now);
const wire = new Wire(clock, (up) => turn(up));
const flags = readFlags(own);
let deadline = Date.parse(data.deadline_at);
let due = ANNOUNCED.filter((minutes) => deadline - clock.now() > minutes * MINUTE);
let grantedUntil = 0;
let wasDown = false;
let over = false;
let polling = false;
let nextPoll = 0;
let stillMine = true;
let lookedAt = performance.now();
let pausedLeft = null;
let exportedAt = -Infinity;

const sheet = new Sheet({
  flags,
  onChange: (number, response, typing) => {
    saver.change(number, response, typing);
    paint();
  },
  onFlags: (now) => {
    keepFlags(own, now);
    paint();
  },
});

const saver = new Saver({
  path,
  epoch: data.epoch,
  saved: data.saved.map((row) => ({ ...row, at: Date.parse(row.at), response: sheet.read(row.position) })),
  journal: await openJournal(own),
  wire,
  clock,
  onTurn: () => paint(),
  onHalt: (why) => halt(why),
});

const handIn = new HandIn({
  path,
  epoch: data.epoch,
  handInFrom: Date.parse(data.hand_in_from),
  deadline: () => deadline,
  sheet,
  saver,
  wire,
  clock,
  onDone: () => leave(),
  onRefused: (code) => halt({ "attempt.other_session": "elsewhere", "attempt.exam_browser": "browser", 401: "signed_out", 403: "signed_out", 404: "ended" }[code] || "closed"),
});

// Where one practises nobody watches: no hand is raised, nothing is announced, nothing is noticed.
const hands = data.practice ? null : new Hands({
  attempt: data.attempt_id,
  exam: data.exam_id,
  wire,
  current: () => sheet.current,
  onSent: () => poll(),
});
const signals = data.practice ? null : new Signals({
  attempt: data.attempt_id,
  epoch: data.epoch,
  taken: data.signals,
  still: () => pausedLeft !== null || over || Boolean(saver.halted),
});
const hall = data.practice ? null : new Hall({ exam: data.exam_id, wire, onHands: (raised) => hands.show(raised) });

function turn(up) {
  if (up && navigator.onLine !== false) {
    saver.hurry();
    if (hands) hands.send();
  }
  if (!up) {
    wasDown = true;
    announce(words.line_lost);
  }
  paint();
}

// Whether nothing outlives this page being closed.
const bare = () => saver.journal.kind === "tab" || saver.journal.kind === "none";

function paint() {
  const unsaved = saver.pending.size;
  const marked = wire.up && saver.waited() < MARKED ? new Set() : new Set(saver.pending.keys());
  sheet.paint(marked);
  document.getElementById("offline").hidden = wire.up;
  const waiting = performance.now() - exportedAt < SHOWN ? words.exported : unsaved ? fill(words.waiting, { n: unsaved }) : "";
  const count = document.getElementById("offline-count");
  if (count.textContent !== waiting) count.textContent = waiting;
  if (!wire.up) paintSave("offline", unsaved);
  else if (unsaved && saver.waited() > LATE) paintSave("unsaved", unsaved, saver.crowded ? words.full : words.unsent);
  else if (unsaved) paintSave("saving", unsaved);
  else {
    const responded = [...saver.stored.values()].filter((row) => says(row.response)).length;
    const at = saver.confirmedAt ? fill(words.confirmed, { time: beijing(saver.confirmedAt) }) : "";
    paintSave("saved", responded, bare() ? words.bare : at);
    if (wasDown) {
      wasDown = false;
      announce(words.back);
    }
  }
  handIn.paint();
}

function tick() {
  const left = pausedLeft ?? deadline - clock.now();
  const time = document.querySelector("#clock time");
  const text = countdown(left);
  if (time.textContent !== text) time.textContent = text;
  const phase = left <= 5 * MINUTE ? "last" : left <= 15 * MINUTE ? "closing" : "calm";
  document.getElementById("clock").dataset.phase = pausedLeft === null ? phase : "paused";
  const reached = due.filter((minutes) => left <= minutes * MINUTE);
  if (reached.length && left > 0) announce(fill(words.left, { n: Math.max(1, Math.round(left / MINUTE)) }));
  due = due.filter((minutes) => !reached.includes(minutes));
  if (grantedUntil && performance.now() > grantedUntil) {
    grantedUntil = 0;
    document.getElementById("deadline-words").textContent = deadlineWords;
  }
  if (left <= 0 && !over && !saver.halted) timeOver();
  // Saves do not stand in for a look: time that was granted, and a pause, must reach who types without a break (P11).
  if (performance.now() > nextPoll && performance.now() - lookedAt > (over ? 2000 : POLL)) poll();
  paint();
}

const deadlineWords = document.getElementById("deadline-words").textContent;

// The server's deadline may move: granted time shows within ten seconds (P11).
function moveDeadline(text) {
  const moved = Date.parse(text);
  if (!Number.isFinite(moved) || moved === deadline) return;
  const longer = moved > deadline;
  deadline = moved;
  due = ANNOUNCED.filter((minutes) => deadline - clock.now() > minutes * MINUTE);
  document.querySelector("#clock time").dataset.deadline = text;
  if (longer) {
    const sentence = fill(words.granted, { time: beijing(deadline) });
    announce(sentence);
    document.getElementById("deadline-words").textContent = sentence;
    grantedUntil = performance.now() + MINUTE;
  }
  if (over && deadline > clock.now()) {
    if (saver.halted) return void location.reload();
    over = false;
    endHalt();
  }
}

// While the room is paused the clock stands still here too, and nothing can be typed; what was typed is still sent.
function pause(body) {
  if (pausedLeft !== null) return;
  pausedLeft = Date.parse(body.deadline_at) - Date.parse(body.now);
  over = false;
  document.body.dataset.paused = "";
  announce(words.paused);
  showHalt(words.paused, words.paused_text);
}

function goOn(body) {
  pausedLeft = null;
  deadline = Date.parse(body.deadline_at);
  document.querySelector("#clock time").dataset.deadline = body.deadline_at;
  due = ANNOUNCED.filter((minutes) => deadline - clock.now() > minutes * MINUTE);
  delete document.body.dataset.paused;
  endHalt();
  const sentence = fill(words.resumed, { time: beijing(deadline) });
  announce(sentence);
  document.getElementById("deadline-words").textContent = sentence;
  grantedUntil = performance.now() + MINUTE;
}

// What a look at the time tells along.
const told = () => (data.practice ? "" : `?seen=${hall.seen}&signals=${signals.said()}`);

async function poll() {
  if (polling || (saver.halted && saver.halted !== "closed")) return;
  polling = true;
  lookedAt = performance.now();
  const { status, body } = await wire.get(`${path}/time${told()}`);
  polling = false;
  nextPoll = performance.now() + (over ? 2000 : wire.up ? 0 : 3000) * (0.8 + Math.random() / 2);
  if (body.code === "attempt.exam_browser") saver.halt("browser");
  else if (status === 401 || status === 403) saver.halt("signed_out");
  else if (status === 404) saver.halt("ended");
  else if (status === 200) {
    if (body.state === "closed") leave();
    else if (!body.writing || body.epoch !== data.epoch) saver.halt("elsewhere");
    else if (body.paused) pause(body);
    else if (pausedLeft !== null) goOn(body);
    else moveDeadline(body.deadline_at);
    if (hall && body.state !== "closed") {
      hall.heed(body.announced, body.turns);
      hands.send();
    }
  }
}

// The time is over here; what is on its way still counts for a moment, then the server closes the attempt.
function timeOver() {
  over = true;
  saver.hurry();
  showHalt(words.over, words.over_now);
}

function leave() {
  dropFlags(own);
  dropNotes(own);
  dropHand(own);
  location.replace(here);
}

function halt(why) {
  if (!stillMine) return;
  const reload = { word: words.take_over, href: here };
  if (why === "elsewhere") showHalt(words.taken, words.taken_text, reload);
  else if (why === "browser") showHalt(words.browser, words.browser_text, { word: words.browser_again, href: here });
  else if (why === "signed_out") showHalt(words.signed_out, words.lost_session, { word: words.sign_in, href: data.sign_in });
  else if (why === "ended") showHalt(words.ended, words.ended_text, { word: words.sign_in, href: data.sign_in });
  else {
    over = true;
    showHalt(words.over, words.over_now);
  }
}

function lostToTab() {
  stillMine = false;
  saver.halt("tab");
  showHalt(words.moved_tab, words.moved_tab_text);
}

async function goOnHere(tab) {
  await tab.take();
  if (data.practice) return void location.reload();
  const { status } = await wire.post(`${path}/take-over`, {});
  if (status === 200 || status >= 400) location.reload();
}

async function takeUp() {
  for (const change of await saver.resume()) sheet.write(change.position, change.response);
  paint();
}

async function enter() {
  await takeUp();
  // A store that opens late may hold what an earlier page could not send.
  if (bare()) saver.journal.opened.then(() => saver.halted || takeUp());
  keepNotes(own);
  listenToKeys(sheet);
  listenToPictures();
  addEventListener("online", () => {
    saver.hurry();
    poll();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) poll(); // a computer that slept has lost its clock
  });
  addEventListener("beforeunload", (event) => {
    saver.leave();
    if (bare() && saver.pending.size) event.preventDefault();
  });
  if (data.paused) {
    pause(data);
    poll(); // the page may have been made before the room went on
  }
  setInterval(tick, 250);
  tick();
  document.body.dataset.ready = "";
}

const exporter = document.getElementById("export");
if (exporter) exporter.hidden = !canExport();
if (exporter) exporter.addEventListener("click", async () => {
  const { exam_id: exam, attempt_id: attempt, file_key: key, file_pass: pass } = data;
  try {
    await exportFile({ exam, attempt, key, pass, changes: saver.everything(), now: clock.now() });
    announce(words.exported);
    exportedAt = performance.now();
  } catch {
    announce(words.not_exported);
  }
});
const tab = await claim(own, lostToTab);
if (tab.mine) {
  await enter();
} else {
  stillMine = false;
  saver.halt("tab");
  showHalt(words.two_tabs, words.two_tabs_text, { word: words.go_on_here, href: here, act: () => goOnHere(tab) });
}
