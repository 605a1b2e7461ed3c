// Keeps the control room up to date: each part marked data-fresh is fetched again every 5 seconds and put in place; the
// forms between them stay as they are. Without it the page is still right at every reload.
"use strict";
{
  const EVERY = 5000;

  const refresh = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      for (const part of document.querySelectorAll("[data-fresh]")) {
        const fresh = page.querySelector(`[data-fresh="${part.dataset.fresh}"]`);
        if (fresh && !part.contains(document.activeElement)) part.replaceWith(fresh);
      }
    } catch { /* the network is away: the next round tries again */ }
  };

  setInterval(refresh, EVERY);
}
