// A subset of Markdown as a tree, for what a model wrote. Tags are text, and nothing is ever fetched. Each piece keeps
// the characters it was made of, so that they can all be accounted for.

export type Inline =
  | { kind: 'text' | 'code' | 'image'; raw: string; text: string }
  | { kind: 'strong' | 'emphasis' | 'strike'; raw: string; inner: Inline[] }
  | { kind: 'link'; raw: string; inner: Inline[]; target: string };
export type Block =
  | { kind: 'paragraph'; raw: string; inner: Inline[] }
  | { kind: 'heading'; raw: string; level: number; inner: Inline[] }
  | { kind: 'code'; raw: string; text: string; language: string }
  | { kind: 'quote'; raw: string; inner: Block[] }
  | { kind: 'list'; raw: string; isOrdered: boolean; start: number; items: Block[][] }
  | { kind: 'table'; raw: string; rows: Inline[][][] }
  | { kind: 'rule' | 'blank'; raw: string };

const MARKS: [RegExp, 'strong' | 'emphasis' | 'strike'][] = [
  [/\*\*(?=\S)((?:[^*\n]|\*(?!\*))+?\S|\S)\*\*/y, 'strong'],
  [/__(?=\S)([^_\n]*[^_\s])__(?!\w)/y, 'strong'],
  [/~~(?=\S)([^~\n]*[^~\s])~~/y, 'strike'],
  [/\*(?=[^\s*])([^*\n]*[^*\s])\*(?!\*)/y, 'emphasis'],
  [/_(?=[^\s_])([^_\n]*[^_\s])_(?!\w)/y, 'emphasis'],
];
const CODE = /(`+)([^`]|[^`][^]*?[^`])\1(?!`)/y;
const IMAGE = /!\[([^\]\n]{0,500})\]\(([^)\s]{0,2000})[^)\n]{0,500}\)/y;
const LINK = /\[([^\]\n]{1,500})\]\(([^)\s]{1,2000})(?:\s+"[^"\n]{0,500}")?\)/y;
const ADDRESS = /https?:\/\/[^\s<>"'`)\]]+[^\s<>"'`)\].,;:!?]/y;
const DEEPEST = 6;

const at = (pattern: RegExp, text: string, place: number): RegExpExecArray | null => {
  pattern.lastIndex = place;
  return pattern.exec(text);
};

const pieceAt = (text: string, place: number, depth: number): Inline | undefined => {
  const character = text[place]!;
  if (character === '`') {
    const found = at(CODE, text, place);
    return found ? { kind: 'code', raw: found[0], text: found[2]! } : undefined;
  }
  if (character === '!') {
    const found = at(IMAGE, text, place);
    return found ? { kind: 'image', raw: found[0], text: found[0] } : undefined;
  }
  if (character === '[') {
    const found = at(LINK, text, place);
    return found ? { kind: 'link', raw: found[0], inner: inlines(found[1]!, depth + 1), target: found[2]! } : undefined;
  }
  if (character === 'h' && !/\w/.test(text[place - 1] ?? '')) {
    const found = at(ADDRESS, text, place);
    return found
      ? { kind: 'link', raw: found[0], inner: [{ kind: 'text', raw: found[0], text: found[0] }], target: found[0] }
      : undefined;
  }
  if (character === '_' && /\w/.test(text[place - 1] ?? '')) return undefined;
  for (const [pattern, kind] of MARKS) {
    const found = at(pattern, text, place);
    if (found) return { kind, raw: found[0], inner: inlines(found[1]!, depth + 1) };
  }
  return undefined;
};

const SPECIAL = /[`!*_~]|\[|https?:/g;

/** Emphasis, code, links and images within a line or a paragraph. */
export const inlines = (text: string, depth = 0): Inline[] => {
  const pieces: Inline[] = [];
  let begin = 0;
  const add = (to: number): void => {
    if (to > begin) pieces.push({ kind: 'text', raw: text.slice(begin, to), text: text.slice(begin, to) });
  };
  // An unclosed mark looks for its end to the end of its line; so many of them are taken for text.
  let misses = 0;
  SPECIAL.lastIndex = 0;
  for (let place = 0; depth < DEEPEST && misses < 2000;) {
    SPECIAL.lastIndex = place;
    const found = SPECIAL.exec(text);
    if (!found) break;
    const piece = pieceAt(text, found.index, depth);
    if (!piece) misses += 1;
    else {
      add(found.index);
      pieces.push(piece);
      begin = found.index + piece.raw.length;
    }
    place = piece ? begin : found.index + 1;
  }
  add(text.length);
  return pieces;
};

const FENCE = /^ {0,3}(```+|~~~+)\s*([\w+#.-]*)[^`]*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*)$/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const ITEM = /^( {0,9})([-*+]|\d{1,9}[.)])( +)(?=\S)/;
const QUOTE = /^ {0,3}> ?/;
const DIVIDER = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

const cells = (line: string): Inline[][] =>
  line
    .trim()
    .replace(/^\|/, '')
    .replace(/\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => inlines(cell.trim()));

/** What inlines say, without their marks. */
export const textOf = (pieces: readonly Inline[]): string =>
  pieces.map((piece) => ('inner' in piece ? textOf(piece.inner) : piece.text)).join('');

/** Where a link leads, when its text does not say so itself: its host, as a browser has it. */
export const hostOf = ({ inner, target }: Extract<Inline, { kind: 'link' }>): string | undefined => {
  const said = textOf(inner);
  if (said === target || `mailto:${said}` === target) return undefined;
  const url = URL.canParse(target) ? new URL(target) : undefined;
  return url?.host || url?.pathname || target;
};

/** The blocks of a text, in order; what they are made of adds up to the text. */
export const blocks = (text: string, depth = 0): Block[] => {
  const lines = text.split(/(?<=\n)/);
  const found: Block[] = [];
  const bare = (line: string): string => line.replace(/\r?\n$/, '');
  const begins = (line: string, next: string): boolean =>
    FENCE.test(line) ||
    HEADING.test(line) ||
    RULE.test(line) ||
    QUOTE.test(line) ||
    ITEM.test(line) ||
    (line.includes('|') && DIVIDER.test(next) && next.includes('|'));
  for (let index = 0; index < lines.length;) {
    const first = bare(lines[index]!);
    const next = bare(lines[index + 1] ?? '');
    const begin = index;
    const raw = (): string => lines.slice(begin, index).join('');
    const fence = FENCE.exec(first);
    const item = ITEM.exec(first);
    if (first.trim() === '') {
      while (index < lines.length && bare(lines[index]!).trim() === '') index += 1;
      found.push({ kind: 'blank', raw: raw() });
    } else if (fence) {
      const close = new RegExp(`^ {0,3}${fence[1]![0] === '`' ? '`' : '~'}{${fence[1]!.length},}\\s*$`);
      index += 1;
      while (index < lines.length && !close.test(bare(lines[index]!))) index += 1;
      const inner = lines.slice(begin + 1, index).join('');
      index += 1;
      found.push({ kind: 'code', raw: raw(), text: inner.replace(/\n$/, ''), language: fence[2]! });
    } else if (HEADING.test(first)) {
      const [, marks, title] = HEADING.exec(first)!;
      index += 1;
      found.push({ kind: 'heading', raw: raw(), level: marks!.length, inner: inlines(title!) });
    } else if (RULE.test(first)) {
      index += 1;
      found.push({ kind: 'rule', raw: raw() });
    } else if (depth < DEEPEST && QUOTE.test(first)) {
      while (index < lines.length && QUOTE.test(lines[index]!)) index += 1;
      const inner = lines
        .slice(begin, index)
        .map((line) => line.replace(QUOTE, ''))
        .join('');
      found.push({ kind: 'quote', raw: raw(), inner: blocks(inner, depth + 1) });
    } else if (depth < DEEPEST && item) {
      const isOrdered = /\d/.test(item[2]!);
      const indent = item[1]!.length;
      const items: Block[][] = [];
      while (index < lines.length) {
        const head = ITEM.exec(bare(lines[index]!));
        if (!head || head[1]!.length > indent + 1 || head[1]!.length < indent || /\d/.test(head[2]!) !== isOrdered)
          break;
        const width = head[0].length;
        let inner = lines[index]!.slice(width);
        index += 1;
        while (index < lines.length) {
          const line = lines[index]!;
          const isBlank = line.trim() === '';
          const follows = (lines[index + 1] ?? '').search(/\S/) > indent;
          if (isBlank ? !follows : line.search(/\S/) <= indent && begins(bare(line), bare(lines[index + 1] ?? '')))
            break;
          if (!isBlank && line.search(/\S/) <= indent && lines[index - 1]!.trim() === '') break;
          inner +=
            line.slice(0, width).trim() === '' ? line.slice(Math.min(width, Math.max(0, line.search(/\S/)))) : line;
          index += 1;
        }
        items.push(blocks(inner, depth + 1));
      }
      found.push({ kind: 'list', raw: raw(), isOrdered, start: Number.parseInt(item[2]!, 10) || 1, items });
    } else if (first.includes('|') && next.includes('|') && DIVIDER.test(next)) {
      const rows = [cells(first)];
      index += 2;
      while (index < lines.length && lines[index]!.includes('|') && bare(lines[index]!).trim() !== '')
        rows.push(cells(bare(lines[index++]!)));
      found.push({ kind: 'table', raw: raw(), rows });
    } else {
      index += 1;
      while (
        index < lines.length &&
        bare(lines[index]!).trim() !== '' &&
        !begins(bare(lines[index]!), bare(lines[index + 1] ?? ''))
      )
        index += 1;
      found.push({ kind: 'paragraph', raw: raw(), inner: inlines(raw().replace(/\r?\n$/, '')) });
    }
  }
  return found;
};

/** Where a link may lead: pages and mail, nothing that acts. */
export const isSafe = (target: string): boolean => /^(https?:\/\/|mailto:)/i.test(target);
