// Bytes: their text, their hex, and what they are packed in.
import type { Packing } from '../types.ts';
import { pace } from './pace.ts';

export const base64url = (bytes: Uint8Array): string =>
  base64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

export const base64 = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8190) text += String.fromCharCode(...bytes.subarray(at, at + 8190));
  return btoa(text);
};

/** How many bytes a text takes. */
export const sizeOf = (text: string): number => new TextEncoder().encode(text).length;

/** The text, when the bytes are UTF-8 throughout. */
export const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** The text of bytes that may be cut in a character or be of another kind: what is no UTF-8 reads U+FFFD. */
export const lossyTextOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** What the bytes are packed in, by their first ones, as the service tells it. */
export const packingOf = ([first, second, third, fourth]: Uint8Array): Packing | undefined => {
  if (first === 0x1f && second === 0x8b && third === 8) return 'gzip';
  if (first === 0x28 && second === 0xb5 && third === 0x2f && fourth === 0xfd) return 'zstd';
  // `x^` may begin a text; these pairs may not.
  return first === 0x78 && (second === 1 || second === 0x9c || second === 0xda) ? 'deflate' : undefined;
};

export interface Unpacked {
  bytes: Uint8Array<ArrayBuffer>;
  /** Why it is not all there. */
  fault?: 'broken off or damaged' | 'larger than 64 MB, unpacked';
}

const LARGEST = 64 * 1024 * 1024;
const PIECE = 4096;
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** Hands the bytes over piece by piece: an error throws away what was unpacked and not taken yet. */
const feed = async (
  bytes: Uint8Array<ArrayBuffer>,
  to: WritableStream<BufferSource>,
  mayBreak: boolean,
): Promise<void> => {
  const writer = to.getWriter();
  const pause = pace();
  for (let at = 0; at < bytes.length; at += PIECE) {
    await writer.write(bytes.subarray(at, at + PIECE));
    await pause();
  }
  if (mayBreak) await turn();
  await writer.close();
};

/** Unpacks; when it `mayBreak`, what came before that is kept. */
const unpackedAs = async (
  format: CompressionFormat,
  bytes: Uint8Array<ArrayBuffer>,
  mayBreak = true,
): Promise<Unpacked> => {
  const stream = new DecompressionStream(format);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  let fault: Unpacked['fault'];
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = stream.readable.getReader();
  // What it is refused is what the reader is told too.
  feed(bytes, stream.writable, mayBreak).catch(() => undefined);
  try {
    for (let { done, value } = await reader.read(); !done && value; { done, value } = await reader.read()) {
      parts.push(value);
      if ((length += value.length) <= LARGEST) continue;
      fault = 'larger than 64 MB, unpacked';
      await reader.cancel();
      break;
    }
  } catch {
    fault = 'broken off or damaged';
  }
  return { bytes: joined(parts), fault };
};

const joined = (parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

/** Where the next member of a gzip file may begin. */
const nextMember = (bytes: Uint8Array, from: number): number => {
  let at = bytes.indexOf(0x1f, from);
  while (at >= 0 && packingOf(bytes.subarray(at, at + 3)) !== 'gzip') at = bytes.indexOf(0x1f, at + 1);
  return at;
};

/** How often something may look like the beginning of a member and be none. */
const MOST_MISSES = 100;

/** Members one behind the other, as a server that flushes makes them: a browser takes the second for damage. */
const unpackedMembers = async (bytes: Uint8Array<ArrayBuffer>): Promise<Unpacked> => {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let [from, misses, length] = [0, 0, 0];
  for (let at = nextMember(bytes, 1); at > 0 && misses < MOST_MISSES; at = nextMember(bytes, at + 1)) {
    const member = await unpackedAs('gzip', bytes.subarray(from, at), false);
    if (member.fault) {
      misses += 1;
      continue;
    }
    parts.push(member.bytes);
    from = at;
    if ((length += member.bytes.length) > LARGEST)
      return { bytes: joined(parts), fault: 'larger than 64 MB, unpacked' };
  }
  const { bytes: rest, fault } = await unpackedAs('gzip', bytes.subarray(from));
  return { bytes: joined([...parts, rest]), fault };
};

/** The bytes unpacked, as far as they can be; nothing when a browser does not unpack them. */
export const unpacked = async (bytes: Uint8Array<ArrayBuffer>, packing: Packing): Promise<Unpacked | undefined> => {
  if (packing === 'gzip') {
    const all = await unpackedAs('gzip', bytes);
    return all.fault === 'broken off or damaged' ? unpackedMembers(bytes) : all;
  }
  if (packing !== 'deflate') return undefined;
  const all = await unpackedAs('deflate', bytes);
  // Some servers leave out the two bytes of RFC 1950.
  return all.fault && all.bytes.length === 0 ? unpackedAs('deflate-raw', bytes) : all;
};

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/** One line of a hex view: offset, sixteen bytes, and those of them that are printable. */
export const hexLine = (bytes: Uint8Array, at: number): string => {
  const row = [...bytes.subarray(at, at + 16)];
  const pairs = row
    .map((byte, place) => hex(byte, 2) + (place === 7 ? ' ' : ''))
    .join(' ')
    .padEnd(48);
  const shown = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('');
  return `${hex(at, 8)}  ${pairs}  ${shown}`;
};

/** The hex of a stretch, a line for every sixteen bytes. */
export const hexOf = (bytes: Uint8Array, from: number, to: number): string => {
  const lines: string[] = [];
  for (let at = from; at < Math.min(to, bytes.length); at += 16) lines.push(hexLine(bytes, at));
  return lines.join('\n');
};
