// Flags are the candidate's own notes: kept on this device, never sent.

const nameOf = (attempt) => `chizheng-flags-${attempt}`;

export const readFlags = (attempt) => {
  try {
    return new Set(JSON.parse(localStorage.getItem(nameOf(attempt)) || "[]"));
  } catch {
    return new Set();
  }
};

export const keepFlags = (attempt, flags) => {
  try {
    localStorage.setItem(nameOf(attempt), JSON.stringify([...flags]));
  } catch { /* a locked-down browser may keep nothing: flags then last as long as the page */ }
};

export const dropFlags = (attempt) => {
  try {
    localStorage.removeItem(nameOf(attempt));
  } catch { /* nothing was kept */ }
};
