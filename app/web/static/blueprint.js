// Rows of a blueprint: added, removed, numbered again; totals, and what the bank can serve, shown while one types.
// Without scripts the page has empty rows to fill in, and the check comes with saving.
const form = document.getElementById("blueprint");
const body = document.getElementById("cells");
const total = document.getElementById("total");
const fields = ["section", "topic", "item_type", "difficulty", "count", "points"];
const needed = ["item_type", "count", "points"];

function inputOf(row, field) {
  return row.querySelector(`[name$=".${field}"]`);
}

function rows() {
  return [...body.querySelectorAll(".cell-row")];
}

function number() {
  rows().forEach((row, index) => {
    for (const field of fields) inputOf(row, field).name = `cells.${index}.${field}`;
    row.querySelector("[data-remove]").hidden = false;
  });
}

function clear(row) {
  row.querySelector("output").textContent = "";
  const advice = row.querySelector(".advice");
  advice.replaceChildren();
  advice.hidden = true;
}

function add() {
  const row = rows().at(-1).cloneNode(true);
  for (const field of fields) inputOf(row, field).value = "";
  clear(row);
  row.querySelectorAll(".error-line").forEach((line) => line.remove());
  body.append(row);
  number();
  inputOf(row, "section").focus();
}

// "1.5" as 150: whole hundredths, no floating point.
function hundredths(text) {
  const found = /^(\d{1,6})(?:\.(\d{1,2}))?$/.exec(text.normalize("NFKC").trim());
  return found ? Number(found[1]) * 100 + Number((found[2] || "").padEnd(2, "0")) : null;
}

function pointsText(value) {
  const part = String(value % 100).padStart(2, "0").replace(/0+$/, "");
  return `${Math.floor(value / 100)}${part ? `.${part}` : ""}`;
}

function filled() {
  return rows().filter((row) => needed.every((field) => inputOf(row, field).value.trim()));
}

function showTotal() {
  let items = 0;
  let points = 0;
  for (const one of fixed()) {
    items += 1;
    points += hundredths(one.points) || 0;
  }
  for (const row of filled()) {
    const count = Number(inputOf(row, "count").value);
    const worth = hundredths(inputOf(row, "points").value);
    if (!Number.isInteger(count) || worth === null) continue;
    items += count;
    points += count * worth;
  }
  total.textContent = items
    ? form.dataset.total.replace("{items}", items).replace("{points}", pointsText(points))
    : "";
  const titles = new Set(rows().map((row) => inputOf(row, "section").value.trim()));
  titles.delete("");
  document.getElementById("sections").replaceChildren(
    ...[...titles].map((title) => {
      const option = document.createElement("option");
      option.value = title;
      return option;
    }),
  );
}

// Fixed items that are filled in whole, as the server wants them.
function fixed() {
  return [...form.querySelectorAll(".fixed-row")]
    .map((row) => ({
      section: inputOf(row, "section").value.trim(),
      item_id: Number(inputOf(row, "item_id").value),
      points: inputOf(row, "points").value.trim(),
    }))
    .filter((one) => one.section && Number.isInteger(one.item_id) && one.item_id > 0 && hundredths(one.points));
}

// The server groups rows by section, in the order in which sections first appear; its answer comes in that order.
function grouped(asked) {
  const sections = new Map();
  let title = "";
  for (const row of asked) {
    title = inputOf(row, "section").value.trim() || title;
    if (!sections.has(title)) sections.set(title, []);
    sections.get(title).push(row);
  }
  return [...sections.values()].flat();
}

let latest = 0;

async function check() {
  const asked = filled();
  const turn = ++latest;
  if (!asked.length) return;
  const value = (name) => form.elements.namedItem(name).value.trim();
  const given = {
    bank_id: Number(value("bank_id")),
    name: value("name") || "-",
    level: value("level"),
    cut_score: "0.01",
    scoring: value("scoring"),
    mark: value("mark"),
    exposure_percent: Number(value("exposure_percent")) || 100,
    rest_days: Number(value("rest_days")) || 0,
    fixed: fixed(),
    cells: asked.map((row) => ({
      section: inputOf(row, "section").value.trim(),
      topic: inputOf(row, "topic").value.trim(),
      item_type: inputOf(row, "item_type").value,
      difficulty: inputOf(row, "difficulty").value || null,
      count: Number(inputOf(row, "count").value),
      points: inputOf(row, "points").value.trim(),
    })),
  };
  const response = await fetch("/api/v1/blueprints/check", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(given),
  });
  if (turn !== latest) return;
  for (const row of rows()) clear(row);
  if (!response.ok) return;
  const answer = await response.json();
  grouped(asked).forEach((row, index) => {
    const cell = answer.cells[index];
    const output = row.querySelector("output");
    output.textContent = cell.short
      ? form.dataset.short.replace("{n}", cell.short)
      : form.dataset.enough.replace("{n}", cell.available);
    output.classList.toggle("short", Boolean(cell.short));
    const advice = row.querySelector(".advice");
    advice.hidden = !cell.relaxations.length;
    advice.replaceChildren(
      ...cell.relaxations.map((one) => {
        const line = document.createElement("li");
        line.textContent = document.documentElement.lang.startsWith("en") ? one.en : one.zh;
        return line;
      }),
    );
  });
}

async function offerTopics() {
  const query = new URLSearchParams({
    bank_id: form.elements.namedItem("bank_id").value,
    level: form.elements.namedItem("level").value,
  });
  const response = await fetch(`/api/v1/blueprints/supply?${query}`);
  if (!response.ok) return;
  const { topics } = await response.json();
  const options = topics
    .filter(({ topic }) => topic)
    .map(({ topic, counts }) => {
      const option = document.createElement("option");
      option.value = topic;
      option.textContent = Object.values(counts).reduce((sum, count) => sum + count, 0);
      return option;
    });
  document.getElementById("topics").replaceChildren(...options);
}

let timer = 0;

function ask() {
  showTotal();
  clearTimeout(timer);
  timer = setTimeout(check, 500);
}

body.addEventListener("click", (event) => {
  const button = event.target.closest("[data-remove]");
  if (!button) return;
  if (rows().length > 1) button.closest(".cell-row").remove();
  number();
  ask();
});
form.addEventListener("input", ask);
form.addEventListener("change", (event) => {
  if (["bank_id", "level"].includes(event.target.name)) offerTopics();
});
const button = document.getElementById("add-row");
button.hidden = false;
button.addEventListener("click", add);
number();
ask();
