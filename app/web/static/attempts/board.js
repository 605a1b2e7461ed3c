// Keeps the proctor's board up to date: the part marked data-board is fetched again every 5 seconds and put in place.
// Without it the board is still right at every reload.
"use strict";
{
  const EVERY = 5000;

  const refresh = async () => {
    const board = document.querySelector("[data-board]");
    if (!board || document.hidden || board.contains(document.activeElement)) return;
    try {
      const answer = await fetch(location.pathname, { headers: { accept: "text/html" }, credentials: "same-origin" });
      if (!answer.ok || answer.redirected) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector("[data-board]");
      if (fresh && !board.contains(document.activeElement)) board.replaceWith(fresh);
    } catch { /* the network is away: the next round tries again */ }
  };

  setInterval(refresh, EVERY);
}
