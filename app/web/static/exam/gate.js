// The door of an exam that is sat in Safe Exam Browser alone, before the browser is proved: goes to the address that the
// session proves itself at, and there tells the server what the program says of it.

import { ServerClock } from "./clock.js";
import { proof, ready } from "./lockdown.js";
import { Wire } from "./wire.js";
import { readJson, words } from "./words.js";

const data = readJson("door-data");
const place = location.pathname + location.search;

async function prove() {
  await ready;
  const { "x-exam-page-config": config, "x-exam-page-key": key } = proof();
  if (!config) return;
  const wire = new Wire(new ServerClock(data.now));
  const path = `/api/v1/registrations/${data.registration_id}/lockdown`;
  const { status, body } = await wire.post(path, { config_hash: config, exam_hash: key });
  if (status === 200) return location.replace(data.path);
  document.getElementById("problem").textContent = body.title || words.no_answer;
  document.getElementById("problem").hidden = false;
}

if (place !== data.path) location.replace(data.path);
else prove();
document.body.dataset.ready = "";
