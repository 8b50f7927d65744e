/** Bytes as texts, in base64, and packed. What is large is worked on in slices, between which the chat has its turn. */

import { runtime } from "./runtime.js";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const ENCODER = new TextEncoder();

/** How much is worked on at once: a fraction of a millisecond. It is a multiple of three, for base64, and of four. */
export const SLICE = 96 * 1024;

/** Lets whatever waits go first. */
export function breath(): Promise<void> {
  if (runtime.breath) return runtime.breath();
  const { setImmediate } = globalThis as { setImmediate?: (then: () => void) => void };
  return new Promise((goes) => void (setImmediate ? setImmediate(goes) : setTimeout(goes, 0)));
}

/** The slices of bytes, with a breath after each but the last. */
export async function* sliced(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE) {
    if (at > 0) await breath();
    yield bytes.subarray(at, at + SLICE);
  }
}

/** The text that bytes are; undefined for what is none. */
export function textOf(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The bytes of what is a view of some, not copied; undefined for what is none. */
export function viewOf(value: unknown): Uint8Array | undefined {
  return ArrayBuffer.isView(value) ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : undefined;
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(text);
}

/** Whether bytes are the same, many of them too: at once where the runtime can. */
export function areSame(one: Uint8Array, other: Uint8Array): boolean {
  if (one.byteLength !== other.byteLength) return false;
  const { Buffer } = globalThis as { Buffer?: { compare(one: Uint8Array, other: Uint8Array): number } };
  return Buffer ? Buffer.compare(one, other) === 0 : one.every((byte, at) => byte === other[at]);
}

/** Base64, in pieces. */
export async function base64(bytes: Uint8Array): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const slice of sliced(bytes)) pieces.push(bytesOf(encoded(slice)));
  return pieces;
}

/** As many as a function takes arguments, and a multiple of three. */
const ARGUMENTS = 3 * 8192;

function encoded(bytes: Uint8Array): string {
  const { Buffer } = globalThis as { Buffer?: { from(bytes: ArrayBufferLike, at: number, length: number): { toString(as: string): string } } };
  if (Buffer) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  let text = "";
  for (let at = 0; at < bytes.length; at += ARGUMENTS) text += btoa(String.fromCharCode(...bytes.subarray(at, at + ARGUMENTS)));
  return text;
}

export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((length, piece) => length + piece.byteLength, 0);
}

export function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

/** What a stream brings, piece by piece; it is left where its reader leaves. */
export async function* brought(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) yield piece.value;
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** The text of pieces, which are read no further than so many bytes. */
export async function textWithin(most: number, pieces: AsyncIterable<Uint8Array>): Promise<string> {
  const all: Uint8Array[] = [];
  let left = most;
  for await (const piece of pieces) {
    left -= piece.byteLength;
    if (left < 0) throw new RangeError(`It is longer than ${most} bytes.`);
    all.push(piece);
  }
  return new TextDecoder().decode(joined(all));
}

/** Packed, where the runtime can. */
export async function gzipped(pieces: readonly Uint8Array[]): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (runtime.gzip) return runtime.gzip(pieces);
  if (typeof CompressionStream === "undefined") return undefined;
  const packed = new Blob(pieces as Uint8Array<ArrayBuffer>[]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}
