// The events of a stream, raw, numbered as the service's reader numbers them. What an event means is read there alone.
import type { Framing } from '../types.ts';
import { lossyTextOf } from './bytes.ts';
import { behindValue, childrenOf, kindOf, leavesOf, member, root, saidBy, slice } from './json.ts';

export interface RawEvent {
  name: string;
  data: string;
}

const FIELD = /^(data|event)(?::[ ]?(.*))?$/s;

/** Server-sent events; one that the end cut is kept, and a line that begins as an object is one too. */
const sse = (text: string): RawEvent[] => {
  const events: RawEvent[] = [];
  let [name, data] = ['', undefined as string | undefined];
  const take = (): void => {
    if (data !== undefined) events.push({ name, data });
    [name, data] = ['', undefined];
  };
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === '') take();
    else if (line.startsWith('{')) {
      take();
      events.push({ name: '', data: line });
    } else {
      const [, field, value = ''] = FIELD.exec(line) ?? [];
      if (field === 'event') name = value;
      else if (field === 'data') data = data === undefined ? value : `${data}\n${value}`;
    }
  }
  take();
  return events;
};

const BLANK = /[\s\x1e]*/y;

/** JSON values one after the other; a line that is none is an event too. */
const lines = (text: string): RawEvent[] => {
  const events: RawEvent[] = [];
  let [at, isOverLines] = [0, true];
  for (;;) {
    BLANK.lastIndex = at;
    BLANK.test(text);
    at = BLANK.lastIndex;
    if (at >= text.length) return events;
    const newline = text.indexOf('\n', at);
    const line = text.slice(at, newline < 0 ? text.length : newline);
    const withinLine = behindValue(line, 0);
    const end = withinLine >= 0 ? at + withinLine : isOverLines ? behindValue(text, at) : -1;
    isOverLines &&= end >= 0;
    const to = end >= 0 ? end : at + line.trimEnd().length;
    events.push({ name: '', data: text.slice(at, to) });
    at = to;
  }
};

/** The items of an array, also of one that was cut. */
const array = (text: string): RawEvent[] => {
  const whole = root(text);
  if (whole) return [...childrenOf(text, whole)].map((item) => ({ name: '', data: slice(text, item) }));
  const events: RawEvent[] = [];
  let at = text.indexOf('[') + 1;
  for (;;) {
    while (at < text.length && /[\s,]/.test(text[at]!)) at += 1;
    if (at >= text.length || text[at] === ']') return events;
    const end = behindValue(text, at);
    events.push({ name: '', data: text.slice(at, end < 0 ? text.length : end) });
    if (end < 0) return events;
    at = end;
  }
};

const NAMES = [':event-type', ':exception-type', ':error-code'];
/** How long the value of a header is, by its type; texts and bytes say it themselves. */
const LENGTHS: Record<number, number> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };

const headerName = (bytes: Uint8Array): string => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 1 < bytes.length;) {
    const name = lossyTextOf(bytes.subarray(at + 1, (at += 1 + bytes[at]!)));
    const type = bytes[at]!;
    at += 1;
    let length = LENGTHS[type];
    if (length === undefined) {
      if (at + 2 > bytes.length) break;
      length = view.getUint16(at);
      at += 2;
    }
    if (NAMES.includes(name)) return lossyTextOf(bytes.subarray(at, at + length));
    at += length;
  }
  return '';
};

/** `InvokeModelWithResponseStream` wraps the model's own events in base64. */
const unwrapped = (payload: string): string | undefined => {
  const whole = root(payload);
  const inner = whole && member(payload, whole, 'bytes');
  if (!inner || kindOf(payload, inner) !== 'string') return undefined;
  try {
    return lossyTextOf(Uint8Array.from(atob(saidBy(payload, inner)), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
};

/** The frames of Amazon's event stream: lengths, headers, payload, checksums. */
const amazon = (bytes: Uint8Array): RawEvent[] => {
  const events: RawEvent[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 12 <= bytes.length;) {
    const [length, headers] = [view.getUint32(at), view.getUint32(at + 4)];
    if (length < 16 + headers || at + length > bytes.length) break;
    const begin = at + 12;
    const payload = lossyTextOf(bytes.subarray(begin + headers, at + length - 4));
    const inner = unwrapped(payload);
    events.push({
      name: inner === undefined ? headerName(bytes.subarray(begin, begin + headers)) : '',
      data: inner ?? payload,
    });
    at += length;
  }
  return events;
};

/** The events of a body that is laid out so; none when it is no stream. */
export const eventsOf = (bytes: Uint8Array, framing: Framing): RawEvent[] => {
  if (framing === 'amazon') return amazon(bytes);
  const text = lossyTextOf(bytes).replace(/^\ufeff/, '');
  if (framing === 'sse') return sse(text);
  if (framing === 'lines') return lines(text);
  return framing === 'array' ? array(text) : [];
};

/** What an event calls itself: its own name, or the `type` or `event` that its JSON says. */
export const nameOf = ({ name, data }: RawEvent): string => {
  if (name) return name;
  const said =
    /^\s*\{\s*"(?:type|event)"\s*:\s*"([\w.:/-]{1,64})"/.exec(data) ??
    /"(?:type|event)"\s*:\s*"([\w.:/-]{1,64})"\s*\}\s*$/.exec(data);
  return said?.[1] ?? '';
};

/** The members by which events are told apart, and which say little of what one brings. */
const LABELS = new Set(['type', 'index', 'id', 'object']);
const nameOfLeaf = (path: string): string => path.split('.').at(-1)!;

/** What an event says that the one before of its name did not: that is mostly the piece it brings. */
export const gistOf = (event: RawEvent, before: RawEvent | undefined): string => {
  const leaves = event.data.length < 20_000 ? leavesOf(event.data) : undefined;
  if (!leaves) return event.data.slice(0, 200);
  const other = before && before.data.length < 20_000 ? leavesOf(before.data) : undefined;
  const fresh = [...leaves].filter(([path, value]) => other?.get(path) !== value && path !== '.type');
  const brought = fresh.filter(([path]) => !LABELS.has(nameOfLeaf(path)));
  const told = brought.length > 0 ? brought : fresh;
  const said = told
    .map(([path, value]) => {
      const isPiece = told.length === 1 && !LABELS.has(nameOfLeaf(path));
      return isPiece ? JSON.stringify(value) : `${nameOfLeaf(path)} ${value}`;
    })
    .join(', ');
  if (fresh.length === 0 && !before) return '';
  return said.slice(0, 200) || 'the same again';
};
