// The form that is here before the start, sealed (decision 0009): fetched while the candidate waits, opened with the key
// that the start answers with, and put where the waiting room stood. Where anything of it fails, there is the ordinary
// way: the page is loaded again, and the server shows the form.

import { proof } from "./lockdown.js";
import { readWords } from "./words.js";

const MARK = 32;
const LENGTH = 4;
const SHEETS = 4000;

// What the waiting room leaves to the exam page: a clock that is measured already.
export const handed = { clock: null };

const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export const canOpen = () => Boolean(globalThis.crypto && crypto.subtle && globalThis.DecompressionStream);

// → {mark (hex), bytes}, or null where it is not to be had.
export const fetchSealed = async (registration) => {
  try {
    const path = `/registrations/${registration}/sealed-form`;
    const response = await fetch(path, { headers: proof(), credentials: "same-origin", redirect: "error" });
    if (!response.ok || !/octet-stream/.test(response.headers.get("content-type") || "")) return null;
    const bytes = new Uint8Array(await response.arrayBuffer());
    return bytes.length > MARK ? { mark: hex(bytes.subarray(0, MARK)), bytes } : null;
  } catch {
    return null;
  }
};

// → {page, pictures}; raises where the key is not that of this envelope, or the form is another than the one begun.
const open = async ({ bytes }, key, formHash) => {
  const raw = Uint8Array.from(atob(key.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const opener = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);
  // Each key seals one content, so that there is no nonce to tell: twelve zeros.
  const how = { name: "AES-GCM", iv: new Uint8Array(12), additionalData: bytes.subarray(0, MARK) };
  const inside = await crypto.subtle.decrypt(how, opener, bytes.subarray(MARK));
  const length = new DataView(inside).getUint32(0);
  const packed = new Blob([new Uint8Array(inside, LENGTH, length)]);
  const content = await new Response(packed.stream().pipeThrough(new DecompressionStream("gzip"))).json();
  if (content.form_hash !== formHash) throw new Error("another form");
  return content;
};

// Put the form in the place of the waiting room and begin; `begun` is the server's answer to the start.
export const openForm = async (sealed, begun, clock) => {
  const { page, pictures } = await open(sealed, begun.form_key, begun.form_hash);
  const paper = new DOMParser().parseFromString(page, "text/html");
  for (const image of paper.querySelectorAll("img")) {
    const found = pictures[(image.getAttribute("src") || "").split("/").pop()];
    if (found) image.src = found;
  }
  const data = paper.getElementById("attempt");
  const { attempt_id, epoch, now, deadline_at, hand_in_from, file_pass } = begun;
  const known = { ...JSON.parse(data.textContent), attempt_id, epoch, now, deadline_at, hand_in_from, file_pass };
  data.textContent = JSON.stringify(known);
  paper.querySelector("#clock time").dataset.deadline = deadline_at;
  paper.getElementById("hand-in-form").action = `/api/v1/attempts/${attempt_id}/hand-in`;
  await dress(paper);
  handed.clock = clock;
  for (const { name } of [...document.body.attributes]) document.body.removeAttribute(name);
  for (const { name, value } of paper.body.attributes) document.body.setAttribute(name, value);
  for (const idle of paper.body.querySelectorAll("noscript, script:not([type='application/json'])")) idle.remove();
  document.body.replaceChildren(...paper.body.childNodes);
  document.title = paper.title;
  readWords();
  document.dispatchEvent(new Event("page-replaced"));
  await import("./room.js");
};

// The style sheets of the other page: those that are missing are waited for, those that are too many go.
const dress = async (paper) => {
  const sheets = (root) => [...root.querySelectorAll("link[rel=stylesheet]")];
  const address = (link) => link.getAttribute("href");
  const here = sheets(document);
  const wanted = sheets(paper);
  const missing = wanted.filter((link) => !here.some((other) => address(other) === address(link)));
  const loads = missing.map(
    (link) =>
      new Promise((resolve) => {
        const fresh = document.createElement("link");
        fresh.rel = "stylesheet";
        fresh.href = address(link);
        fresh.onload = fresh.onerror = resolve;
        document.head.append(fresh);
      }),
  );
  await Promise.race([Promise.all(loads), new Promise((resolve) => setTimeout(resolve, SHEETS))]);
  for (const link of here) if (!wanted.some((other) => address(other) === address(link))) link.remove();
};
