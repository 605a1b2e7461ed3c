// The texts of an item while one types: a look at what the candidate will see, pictures dropped or pasted in, and what was
// copied from Word or Excel made readable. Without scripts the form works as it is: texts are typed, and shown once saved.
const form = document.querySelector("form[data-bank]");
const base = `/api/v1/banks/${form.dataset.bank}`;
const english = document.documentElement.lang === "en";
const rich = "textarea[data-rich]";
const texts = () => [...form.querySelectorAll(rich)];
const say = (words) => { document.getElementById("editor-said").textContent = words; };
const told = ({ zh, en }) => (english ? en : zh);

async function upload(path, file, name) {
  const data = new FormData();
  data.append("file", file, name);
  const answer = await fetch(base + path, { method: "POST", body: data, credentials: "same-origin" });
  const found = await answer.json();
  if (!answer.ok) throw new Error((found.errors || []).map((one) => one.message)[0] || found.title || "");
  return found;
}

function insert(area, text) {
  area.focus();
  area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function addPictures(area, files) {
  for (const file of files) {
    say(form.dataset.uploading);
    try {
      const { text } = await upload("/pictures", file, "picture");
      // Behind the last bar of a table's row the picture begins a line of its own: it would break the row.
      insert(area, (/\|[ \t]*$/.test(area.value.slice(0, area.selectionStart)) ? "\n" : "") + text);
      // The description is what is still missing: the caret goes between the brackets.
      const at = area.selectionEnd - text.length + 2;
      area.setSelectionRange(at, at);
      say(form.dataset.describe);
    } catch (error) {
      say(error.message || form.dataset.failed);
    }
  }
}

async function pasteHtml(area, html) {
  try {
    const { text, lost } = await upload("/paste", new Blob([html], { type: "text/html" }), "paste.html");
    insert(area, text);
    say(lost.map(told).join(" "));
  } catch (error) {
    say(error.message || form.dataset.failed);
  }
}

// The page with these fields, made anew by the server.
async function fetchPage(path, extra = {}) {
  const data = new FormData(form);
  for (const [name, value] of Object.entries(extra)) data.append(name, value);
  const answer = await fetch(path, { method: "POST", body: data, headers: { accept: "text/html" } });
  if (!answer.ok) throw new Error(form.dataset.failed);
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

let drawing = 0;
async function look() {
  const round = ++drawing;
  const board = document.getElementById("look");
  board.hidden = !texts().some((area) => area.value.trim());
  if (board.hidden) return;
  let page;
  try {
    page = await fetchPage(`/banks/${form.dataset.bank}/look`);
  } catch { return; }
  if (round === drawing) document.getElementById("look").replaceWith(page.getElementById("look"));
}

const pictures = (transfer) => [...transfer.files].filter((file) => file.type.startsWith("image/"));

let waiting = 0;
form.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, 400);
});
form.addEventListener("paste", (event) => {
  const area = event.target.closest(rich);
  if (!area) return;
  const html = event.clipboardData.getData("text/html");
  const files = pictures(event.clipboardData);
  // Word puts a picture of the text beside the text: where there is text, it counts.
  if (html && /<(b|strong|table|sub|sup|img|math|li)[\s>]/i.test(html)) {
    event.preventDefault();
    pasteHtml(area, html);
  } else if (files.length && !event.clipboardData.getData("text/plain")) {
    event.preventDefault();
    addPictures(area, files);
  }
});
form.addEventListener("dragover", (event) => {
  if (event.target.closest(rich) && event.dataTransfer.types.includes("Files")) event.preventDefault();
});
form.addEventListener("drop", (event) => {
  const area = event.target.closest(rich);
  const files = area ? pictures(event.dataTransfer) : [];
  if (!files.length) return;
  event.preventDefault();
  addPictures(area, files);
});
// For who neither drags nor pastes: a picture chosen from a folder goes into the text that was typed in last.
let last = texts()[0];
form.addEventListener("focusin", (event) => { if (event.target.matches(rich)) last = event.target; });
const chooser = document.getElementById("picture");
chooser.closest("[hidden]").hidden = false;
chooser.addEventListener("change", async () => {
  await addPictures(last, chooser.files);
  chooser.value = "";
});
look();

// Another type, or one more row: the server lays the fields out anew with what was typed, and they are put in place here.
// Without scripts the same button sends the form, and the page comes back whole.
async function layOut(button) {
  let page;
  try {
    page = await fetchPage(button.formAction, { [button.name]: button.value });
  } catch {
    say(form.dataset.failed);
    return;
  }
  const from = document.activeElement?.id || button.closest("[id]").id;
  for (const id of ["sheet", "f-basis"]) document.getElementById(id).replaceWith(page.getElementById(id));
  const rows = button.value ? document.getElementById(`f-${button.value}`).children : [];
  const added = [...rows].filter((line) => line.matches(".sheet-line")).at(-1);
  (added?.querySelector("textarea, input, select") || document.getElementById(from))?.focus();
  look();
}
form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=more]");
  if (!button) return;
  event.preventDefault();
  layOut(button);
});
form.addEventListener("change", (event) => {
  if (event.target.matches("[data-type]")) layOut(event.target.parentElement.querySelector("button[name=more]"));
});
