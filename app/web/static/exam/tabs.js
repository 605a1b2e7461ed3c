// One writer among the pages of this browser. Across browsers the server decides, by session and epoch (P12).

const REPLY = 400;
const RELOAD = 1500;

// → {mine, take()}: `mine` tells whether this page may write; `take()` makes it so; `lost()` is called when another
// page took over.
export const claim = async (attempt, lost) => {
  const name = `chizheng-attempt-${attempt}`;
  if (navigator.locks) return claimLock(name, lost);
  if (globalThis.BroadcastChannel) return claimChannel(name, lost);
  return { mine: true, take: async () => {} };
};

const hold = (name, options, lost) =>
  new Promise((resolve) => {
    let granted = false;
    navigator.locks
      .request(name, options, (lock) => {
        granted = Boolean(lock);
        resolve(granted);
        return granted ? new Promise(() => {}) : undefined; // held as long as the page lives
      })
      .catch(() => {
        if (granted) lost();
        else resolve(false);
      });
  });

const claimLock = async (name, lost) => {
  // While a page is reloaded, its former self may still hold the lock for a moment.
  const until = performance.now() + RELOAD;
  let mine = await hold(name, { ifAvailable: true }, lost);
  while (!mine && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 150));
    mine = await hold(name, { ifAvailable: true }, lost);
  }
  return { mine, take: () => hold(name, { steal: true }, lost) };
};

const claimChannel = async (name, lost) => {
  const channel = new BroadcastChannel(name);
  let mine = false;
  let other = false;
  channel.onmessage = ({ data }) => {
    if (data === "anyone?" && mine) channel.postMessage("here");
    if (data === "here") other = true;
    if (data === "mine" && mine) {
      mine = false;
      lost();
    }
  };
  channel.postMessage("anyone?");
  await new Promise((resolve) => setTimeout(resolve, REPLY));
  mine = !other;
  return {
    mine,
    take: async () => {
      channel.postMessage("mine");
      mine = true;
    },
  };
};
