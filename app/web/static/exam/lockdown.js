// Safe Exam Browser where it sends no headers of its own: the page reads the hashes of its own address from the program
// and sends them with every request. In any other browser there is nothing to read, and nothing is sent.

const PATIENCE = 3000;
const program = globalThis.SafeExamBrowser;
let shown = {};

const read = () => {
  const { configKey, browserExamKey } = program.security;
  if (configKey) shown = { "x-exam-page-config": configKey, "x-exam-page-key": browserExamKey || "" };
};

// Headers for a request of this page.
export const proof = () => shown;

// Once the program has told what it tells: some versions must be asked first.
export const ready = new Promise((resolve) => {
  if (!program || !program.security) return resolve();
  const told = () => {
    read();
    resolve();
  };
  setTimeout(told, PATIENCE);
  if (program.security.updateKeys) program.security.updateKeys(told);
  else told();
});
