// Keeps a page of the exam day up to date: each part marked data-fresh is fetched again every 5 seconds and put in place;
// whatever is being filled in stays as it is. Without it the page is still right at every reload.
"use strict";
{
  const EVERY = 5000;

  const isFilledIn = (field) => ["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked
    : field.value !== (field.defaultValue ?? [...field.options].find((one) => one.defaultSelected)?.value ?? field.options[0]?.value);
  const inUse = (part) => part.contains(document.activeElement)
    || [...part.querySelectorAll("input, textarea, select")].some(isFilledIn);

  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" }, credentials: "same-origin" });
      const parts = [...document.querySelectorAll("[data-fresh]")];
      if (answer.redirected && !parts.some(inUse)) location.assign(answer.url);  // signed out: figures that stand still would lie
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of parts) {
        const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
        if (inUse(part)) continue;
        if (fresh) part.replaceWith(fresh);
        else part.remove();
      }
    } catch { /* the network is away: the next round tries again */ }
  };

  setInterval(refresh, EVERY);
}
