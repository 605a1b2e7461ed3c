// If the network never returns: everything given so far as a file, shut with the exam's public key, which the service
// alone can open. A proctor brings it in. Made on this computer, without any connection.

const KIND = "chizheng responses 1";

const base64 = (bytes) => {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_");
};

const bytesOf = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

const utf8 = (text) => new TextEncoder().encode(text);

// Whether this browser can make such a file: on plain HTTP it offers no cryptography.
export const canExport = () => Boolean(globalThis.crypto && crypto.subtle);

// The file as text. `changes`: [{position, revision, response, epoch}]; `now`: the server's time, ms.
const shut = async ({ exam, attempt, key, pass, changes, now }) => {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", bytesOf(key), curve, false, []);
  const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const point = base64(await crypto.subtle.exportKey("raw", own.publicKey));
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, 256);
  const agreed = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8(KIND) };
  const lock = await crypto.subtle.deriveKey(how, agreed, { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const said = utf8(`${KIND}|${exam}|${point}`);
  const content = { attempt_id: attempt, file_pass: pass, made_at: Math.round(now), changes };
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: said }, lock, utf8(JSON.stringify(content)));
  return JSON.stringify({ kind: KIND, exam, key: point, iv: base64(iv), sealed: base64(sealed) });
};

// Give the file to the person before the screen.
export const exportFile = async (given) => {
  const address = URL.createObjectURL(new Blob([await shut(given)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = `responses-${given.exam}-${given.attempt}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
};
