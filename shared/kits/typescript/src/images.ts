/**
 * Takes images, and whatever else is sent as base64, out of a body that is too large: its size and hash stay, so that it can
 * be told again. Every other byte stays.
 */

import { SLICE, breath, bytesOf, joined } from "./bytes.js";
import { hex } from "./ids.js";

/** The fewest digits that are taken for something. */
const LEAST = 1024;
const ALPHABET = bytesOf("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
const NONE = 255;
/** What each byte counts as a digit of base64. */
const DIGITS = new Uint8Array(256).fill(NONE);
ALPHABET.forEach((digit, value) => (DIGITS[digit] = value));
const EQUALS = "=".charCodeAt(0);

export async function withoutImages(bytes: Uint8Array): Promise<Uint8Array> {
  const kept: Uint8Array[] = [];
  let rest = 0;
  let start = 0;
  for (let at = 0; at <= bytes.length; at++) {
    if (at % SLICE === 0) await breath();
    if (at < bytes.length && DIGITS[bytes[at]!] !== NONE) continue;
    if (at - start >= LEAST) {
      kept.push(bytes.subarray(rest, start), await described(bytes.subarray(start, at)));
      // Its padding goes with it.
      for (let padding = 0; padding < 2 && bytes[at] === EQUALS; padding++) at++;
      rest = at;
    }
    start = at + 1;
  }
  return rest === 0 ? bytes : joined([...kept, bytes.subarray(rest)]);
}

/** The hash is that of the bytes, as a person has them in a file. */
async function described(digits: Uint8Array): Promise<Uint8Array> {
  const bytes = await decoded(digits);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return bytesOf(`[LEFT OUT: ${bytes.length} bytes, sha256 ${hex(hash)}]`);
}

/** One digit more than bytes have belongs to what stands beside it. */
async function decoded(digits: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  const value = (at: number): number => DIGITS[digits[at]!] ?? 0;
  for (let at = 0, to = 0; to < bytes.length; at += 4, to += 3) {
    if (at % SLICE === 0) await breath();
    const four = (value(at) << 18) | (value(at + 1) << 12) | (value(at + 2) << 6) | value(at + 3);
    bytes[to] = four >> 16;
    bytes[to + 1] = four >> 8;
    bytes[to + 2] = four;
  }
  return bytes;
}
