// The door of an exam: counts down by the server's clock, enters at the start, continues here after a release.

import { ServerClock } from "./clock.js";
import { canOpen, fetchSealed, openForm } from "./envelope.js";
import { canExport, exportFile } from "./export.js";
import { dropFlags } from "./flags.js";
import { Hall } from "./hall.js";
import { dropHand } from "./hands.js";
import { openJournal } from "./journal.js";
import { dropNotes } from "./notes.js";
import { backoff, Wire } from "./wire.js";
import { announce, countdown, fill, readJson, words } from "./words.js";

const MINUTE = 60000;
const OFF = 2 * MINUTE;
const OLDEST = 109;
const SPREAD = 8000;

const data = readJson("door-data");
const clock = new ServerClock(data.now);
const wire = new Wire(clock);
const $ = (id) => document.getElementById(id);
const timer = $("countdown");
const until = timer ? Date.parse(timer.dataset.until) : 0;
let soon = [15, 5, 1].filter((minutes) => until - clock.now() > minutes * MINUTE);
let failures = 0;

const problem = (sentence) => {
  $("problem").textContent = sentence;
  $("problem").hidden = !sentence;
};

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// --- the start -------------------------------------------------------------------------------------------------

const start = $("start");
const honest = $("honest");
let entering = false;
let over = false;
let asked = false;
let sealed = null;
let ticking = 0;

const begun = () => data.step === "ready" || clock.now() >= until;

// The promise counts once the server has recorded it; a ticked box that nobody has heard of lets nobody in.
let promised = Boolean(honest && honest.disabled);

async function promise() {
  honest.disabled = true;
  const path = `/api/v1/registrations/${start.dataset.registration}/declaration`;
  for (let tries = 0; ; tries += 1) {
    const { status, body, retryAfter } = await wire.post(path, { version: Number(start.dataset.version) });
    if (status === 200) break;
    if (status === 401) return location.assign("/ticket");
    if (body.code === "attempt.declaration_changed") return location.reload();
    problem(body.title || words.no_answer);
    if (status !== 0 && status !== 429 && status < 500) {
      honest.checked = honest.disabled = false;
      return;
    }
    await pause(backoff(tries, retryAfter));
  }
  problem("");
  promised = true;
  tick();
}

async function enter() {
  if (entering) return;
  entering = true;
  $("go").disabled = true;
  $("go-hint").textContent = words.entering;
  announce(words.begun);
  for (let tries = 0; ; tries += 1) {
    const registration = Number(start.dataset.registration);
    const wanted = { registration_id: registration, ...(sealed ? { sealed: sealed.mark } : {}) };
    const { status, body, retryAfter } = await wire.post("/api/v1/attempts/start", wanted);
    if (status === 200) return begin(body);
    if (body.code === "attempt.other_session") return location.reload();
    if (status === 401) return location.assign("/ticket");
    if (body.code === "attempt.not_open") {
      await pause(300 + Math.random() * 500);
    } else if (status === 0 || status === 429 || status >= 500) {
      problem(body.title || words.no_answer);
      await pause(backoff(tries, retryAfter));
    } else {
      problem(body.title);
      break;
    }
  }
  entering = false;
}

// The sealed form opens here and now; where it cannot, or something is stored already, the server shows the form.
async function begin(answer) {
  if (!sealed || !answer.form_key || answer.responses.length) return location.reload();
  over = true;
  clearInterval(ticking);
  try {
    await openForm(sealed, answer, clock);
  } catch {
    location.reload();
  }
}

// Fetched by each at a moment of their own, so that a room that sits down together does not ask together.
async function fetchForm() {
  asked = true;
  if (!canOpen()) return check("form", true, words.form_later);
  const spread = Math.min(SPREAD, Math.max(0, until - clock.now()) / 4);
  await pause(Math.random() * spread);
  for (let tries = 0; tries < 6 && !sealed && !begun(); tries += 1) {
    if (tries) await pause(backoff(tries));
    sealed = await fetchSealed(Number(start.dataset.registration));
  }
  check("form", true, sealed ? words.form_here : words.form_later);
}

if (start) {
  honest.addEventListener("change", promise);
  start.addEventListener("submit", (event) => {
    event.preventDefault();
    if (promised && begun()) enter();
  });
}

// --- going on here ---------------------------------------------------------------------------------------------

const takeOver = $("take-over");
if (takeOver) {
  takeOver.addEventListener("submit", async (event) => {
    event.preventDefault();
    $("go").disabled = true;
    problem("");
    const code = $("code-field").hidden ? "" : $("code").value.trim();
    const path = `/api/v1/attempts/${takeOver.dataset.attempt}/take-over`;
    const { status, body } = await wire.post(path, code ? { code } : {});
    if (status === 200 || body.code === "attempt.closed" || body.code === "attempt.over") return location.reload();
    if (status === 401) return location.assign("/ticket");
    $("go").disabled = false;
    problem(body.title || words.no_answer);
    if (body.code === "attempt.release_needed") {
      $("code-field").hidden = false;
      $("code").focus();
    }
  });
}

// --- this computer ---------------------------------------------------------------------------------------------

const check = (name, good, sentence) => {
  const row = document.querySelector(`[data-check="${name}"]`);
  if (!row) return;
  row.dataset.state = good ? "ok" : "wait";
  row.querySelector("span").textContent = sentence;
};

async function checkStore() {
  const journal = await openJournal(0);
  const say = () => {
    const { kind } = journal;
    const sentence = { sealed: words.store_ok, plain: words.store_plain, tab: words.store_tab, none: words.store_bad }[kind];
    check("store", kind === "sealed" || kind === "plain", sentence);
  };
  say();
  journal.opened.then(say);
}

// What this browser is and can do, as far as the exam asks for it.
function checkDevice() {
  const version = Number((navigator.userAgent.match(/Chrom(?:e|ium)\/(\d+)/) || [])[1]) || 0;
  const old = version > 0 && version < OLDEST;
  const size = { w: screen.width, h: screen.height };
  const sentence = old ? words.device_old : canOpen() ? words.device_ok : words.device_plain;
  check("device", !old, fill(sentence, size));
}

// The one place where this computer's own clock is read: to say that it is wrong, and that it does not matter.
function checkClock() {
  const minutes = Math.round(Math.abs(Date.now() - clock.now()) / MINUTE);
  const off = Math.abs(Date.now() - clock.now()) > OFF;
  check("clock", true, off ? fill(words.clock_off, { n: minutes }) : words.clock_ok);
}

// --- the server's view -----------------------------------------------------------------------------------------

// Who waits hears what is announced within ten seconds, like who writes (P11); before the doors open there is time.
const RHYTHM = { collecting: 2500, not_open: 15000 };
const hall = new Hall({ exam: data.exam_id, wire, shown: true });

// Whether the server shows another door by now.
const moved = (door) => {
  const closed = door.attempt_state === "closed";
  if (data.step === "collecting") return closed || door.phase === "open";
  if (data.step === "elsewhere") return closed || door.writing || door.phase !== "open";
  if (data.step === "ready" || data.step === "check_in") return Boolean(door.attempt_id) || door.phase !== "open";
  return Boolean(door.attempt_id) || (!start && door.phase === "open");
};

async function look() {
  if (over) return;
  const { status, body, roundTrip } = await wire.get(`/api/v1/exams/${data.exam_id}/entrance?seen=${hall.seen}`);
  failures = status === 200 ? 0 : failures + 1;
  if (status === 200) {
    check("network", true, fill(words.network_ok, { n: Math.max(1, Math.round(roundTrip)) }));
    checkClock();
    if (over) return;
    if (!entering && moved(body)) return location.reload();
    hall.heed(body.announced);
    if (start && !asked && body.phase === "waiting") fetchForm();
  } else {
    check("network", false, words.network_bad);
  }
  setTimeout(look, failures ? backoff(failures) : (RHYTHM[data.step] || 8000) * (0.8 + Math.random() * 0.3));
}

function tick() {
  if (timer) {
    const left = until - clock.now();
    const text = countdown(left);
    if (timer.textContent !== text) timer.textContent = text;
    const reached = soon.filter((minutes) => left <= minutes * MINUTE);
    if (reached.length && left > 0 && start) announce(fill(words.soon, { n: Math.min(...reached) }));
    soon = soon.filter((minutes) => !reached.includes(minutes));
  }
  if (!start || entering) return;
  const open = begun();
  $("go").disabled = !(open && promised);
  if (open && data.step !== "ready") {
    if (promised) enter();
    else if ($("go-hint").textContent !== words.tick) $("go-hint").textContent = words.tick;
  }
}

// --- the end ---------------------------------------------------------------------------------------------------

async function showEnd() {
  dropFlags(data.attempt_id);
  dropNotes(data.attempt_id);
  dropHand(data.attempt_id);
  const kept = await (await openJournal(data.attempt_id)).all();
  if (!kept.length) return;
  $("kept-here").textContent = fill(words.kept, { n: kept.length });
  $("kept-here").hidden = false;
  if (!canExport()) return;
  $("export").hidden = false;
  $("export").addEventListener("click", async () => {
    const { exam_id: exam, attempt_id: attempt, file_key: key, file_pass: pass } = data;
    const changes = kept.map(({ position, revision, response, epoch }) => ({ position, revision, response, epoch }));
    await exportFile({ exam, attempt, key, pass, changes, now: clock.now() });
    $("kept-here").textContent = words.exported;
  });
}

if (data.step === "closed") {
  showEnd();
} else if (data.step !== "entry_over" && data.step !== "missed") {
  checkDevice();
  checkStore();
  look();
  ticking = setInterval(tick, 250);
  tick();
}
document.body.dataset.ready = "";
