// The check page: a browser that sends no headers tells its hashes to the page, which asks the server about them.

(() => {
  const data = JSON.parse(document.getElementById("lockdown").textContent);
  const row = (name) => document.querySelector(`[data-check="${name}"]`);
  const say = (name, words) => {
    row(name).querySelector("span").textContent = words;
  };

  const here = location.href.split("#")[0];
  const program = globalThis.SafeExamBrowser;
  if (program && program.version) say("browser", data.reported.replace("{version}", program.version));
  if (program && here !== data.page) say("config", data.address.replace("{address}", here));

  // Read again by the server, and shown by it: one place where the verdict is worded.
  async function ask() {
    const { configKey, browserExamKey } = program.security;
    const asked = new URLSearchParams({ config_hash: configKey || "", exam_hash: browserExamKey || "" });
    const answer = await fetch(`${location.pathname}?${asked}`, { headers: { accept: "text/html" } });
    if (!answer.ok) return;
    const shown = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["verdict", "checks", "on", "open"]) {
      document.getElementById(id).replaceWith(shown.getElementById(id));
    }
    if (program.version) say("browser", data.reported.replace("{version}", program.version));
  }

  if (data.ready || !program || !program.security || here !== data.page) return;
  if (program.security.updateKeys) program.security.updateKeys(ask);
  else ask();
})();
