/**
 * Takes images, and whatever else is sent as base64, out of a body that is too large: its size and hash stay, so that it can
 * be told again. Every other byte stays.
 */

import { textOf } from "./bytes.js";
import { hex } from "./ids.js";

const BASE64 = /[A-Za-z0-9+/]{1024,}={0,2}/g;

export async function withoutImages(bytes: Uint8Array): Promise<Uint8Array> {
  const text = textOf(bytes);
  if (text === undefined) return bytes;
  let kept = "";
  let at = 0;
  for (const { 0: image, index } of text.matchAll(BASE64)) {
    kept += text.slice(at, index) + (await described(image));
    at = index + image.length;
  }
  return new TextEncoder().encode(kept + text.slice(at));
}

/** The hash is that of the bytes, as a person has them in a file. */
async function described(image: string): Promise<string> {
  const digits = image.replace(/=+$/, "");
  // One digit more than bytes have belongs to what stands beside it.
  const bytes = Uint8Array.from(atob(digits.length % 4 === 1 ? digits.slice(0, -1) : digits), (digit) => digit.charCodeAt(0));
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return `[LEFT OUT: ${bytes.length} bytes, sha256 ${hex(hash)}]`;
}
