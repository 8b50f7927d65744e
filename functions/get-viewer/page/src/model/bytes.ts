// Bytes: their text, their hex, and what they are packed in.

export const base64url = (bytes: Uint8Array): string =>
  base64(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

export const base64 = (bytes: Uint8Array): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8190) text += String.fromCharCode(...bytes.subarray(at, at + 8190));
  return btoa(text);
};

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

export type Packing = 'gzip' | 'deflate';

/** What the bytes are packed in, by their first ones. */
export const packingOf = (bytes: Uint8Array): Packing | undefined => {
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip';
  const isZlib = bytes[0] === 0x78 && ((bytes[0] << 8) | (bytes[1] ?? 0)) % 31 === 0;
  return isZlib ? 'deflate' : undefined;
};

const LARGEST = 64 * 1024 * 1024;

/** The bytes unpacked; nothing when they are broken or would be more than 64 MB. */
export const unpacked = async (
  bytes: Uint8Array<ArrayBuffer>,
  packing: Packing,
): Promise<Uint8Array<ArrayBuffer> | undefined> => {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(packing)).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      if (length > LARGEST) return await reader.cancel().then(() => undefined);
      parts.push(value as Uint8Array<ArrayBuffer>);
    }
  } catch {
    return undefined;
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
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
