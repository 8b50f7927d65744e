// Long texts in blocks that a browser lays out one by one, and signs for what would hide or deceive.

const BLOCK = 8192;

/** Cuts a text into blocks of about 8 kB: behind line ends, else behind words, else anywhere but within a character. */
export const blocksOf = (text: string): string[] => {
  const blocks: string[] = [];
  let at = 0;
  while (text.length - at > BLOCK * 1.5) {
    const limit = at + BLOCK;
    const part = text.slice(at, limit);
    let length = part.lastIndexOf('\n') + 1;
    if (length <= BLOCK / 2) length = part.lastIndexOf(' ') + 1;
    let end = at + length;
    if (length <= BLOCK / 2) {
      const code = text.charCodeAt(limit);
      end = code >= 0xdc00 && code <= 0xdfff ? limit + 1 : limit;
    }
    blocks.push(text.slice(at, end));
    at = end;
  }
  if (at < text.length) blocks.push(text.slice(at));
  return blocks;
};

/** About how many lines a block takes, so that the page has its height before it is laid out. */
export const linesOf = (block: string, columns = 90): number => {
  let lines = 1;
  for (let at = block.indexOf('\n'), last = 0; ; at = block.indexOf('\n', at + 1)) {
    const end = at < 0 ? block.length : at;
    lines += Math.floor((end - last) / columns) + (at < 0 ? 0 : 1);
    last = end;
    if (at < 0) return Math.max(1, lines);
  }
};

// Control characters but tab and line ends; bidirectional and invisible ones, those that look like a blank and those that
// choose how the one before looks, which carry any text unseen; halves of surrogate pairs.
const HIDDEN =
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2800\ufff9-\ufffb]|\p{Default_Ignorable_Code_Point}|\p{Cs}/gu;

/** Whether a character belongs to the sign before it: it joins emoji, or has one in colour or in black. */
const isOfEmoji = (character: string, before: string, after: string | undefined): boolean => {
  if (character === '\u200d') return /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)$/u.test(before);
  if (character !== '\ufe0e' && character !== '\ufe0f') return false;
  return /\p{Extended_Pictographic}$/u.test(before) || (after === '\u20e3' && /[0-9#*]$/.test(before));
};

export type Shown = string | { sign: string; means: string };

const signFor = (character: string): Shown => {
  const code = character.codePointAt(0)!;
  const number = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  if (code < 0x20) return { sign: String.fromCharCode(0x2400 + code), means: `control character ${number}` };
  if (code === 0x7f) return { sign: '\u2421', means: `control character ${number}` };
  if (code >= 0xd800 && code <= 0xdfff) return { sign: `\u27e8${number}\u27e9`, means: 'half a surrogate pair' };
  if (
    (code >= 0x202a && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069) ||
    code === 0x61c ||
    code === 0x200e ||
    code === 0x200f
  ) {
    return { sign: `\u27e8${number}\u27e9`, means: 'turns the direction of text' };
  }
  return { sign: `\u27e8${number}\u27e9`, means: 'is not visible' };
};

/** A text with signs in the place of what hides. A lone carriage return is one; within a line end it is not. */
export const shown = (text: string): Shown[] => {
  const pieces: Shown[] = [];
  let at = 0;
  for (const found of text.matchAll(HIDDEN)) {
    const end = found.index + found[0].length;
    if (isOfEmoji(found[0], text.slice(Math.max(0, found.index - 2), found.index), text[end])) continue;
    if (found.index > at) pieces.push(text.slice(at, found.index));
    pieces.push(signFor(found[0]));
    at = end;
  }
  if (at < text.length) pieces.push(text.slice(at));
  return pieces;
};

/** The same as one text, for a title. */
export const signed = (text: string): string =>
  shown(text)
    .map((piece) => (typeof piece === 'string' ? piece : piece.sign))
    .join('');
