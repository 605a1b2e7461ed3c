// 签到: sends ticket and code, goes where the server says.

import { ServerClock } from "./clock.js";
import { Wire } from "./wire.js";
import { words } from "./words.js";

const form = document.getElementById("ticket");
const problem = document.getElementById("problem");
const button = document.getElementById("go");
const word = button.textContent;
const wire = new Wire(new ServerClock(new Date().toISOString()));

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  button.textContent = words.entering;
  problem.hidden = true;
  const { status, body } = await wire.post("/api/v1/ticket-sign-in", {
    ticket_number: form.elements.number.value.trim(),
    code: form.elements.code.value.trim(),
  });
  if (status === 200 && /^\/[^/\\]/.test(body.next || "")) return location.assign(body.next);
  button.disabled = false;
  button.textContent = word;
  problem.textContent = body.title || words.no_answer;
  problem.hidden = false;
  problem.focus();
});
document.body.dataset.ready = "";
