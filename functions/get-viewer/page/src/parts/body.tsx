// The bytes of a body: as JSON, as events, as text with its line ends, as hex.
import { useSignal } from '@preact/signals';
import { Fragment } from 'preact';
import { useMemo } from 'preact/hooks';
import { hexOf, textOf } from '../model/bytes.ts';
import { eventsOf, gistOf, nameOf, type RawEvent } from '../model/frames.ts';
import { root } from '../model/json.ts';
import { count, many, size } from '../model/say.ts';
import type { Body } from '../run-store.ts';
import type { Framing, Source } from '../types.ts';
import { CopyButton, Switch } from './bits.tsx';
import { Icon } from './icon.tsx';
import { isMarked, marked } from './part.tsx';
import { Plain, Shown } from './text.tsx';
import { Tree } from './tree.tsx';

const HEX_AT_ONCE = 4096;

export const Hex = ({ bytes }: { bytes: Uint8Array }) => {
  const to = useSignal(HEX_AT_ONCE);
  const blocks = Math.ceil(Math.min(to.value, bytes.length) / HEX_AT_ONCE);
  return (
    <div class="scroll hex" role="region" tabIndex={0} aria-label="Bytes in hex">
      {Array.from({ length: blocks }, (_, place) => (
        <pre key={place} class="block" style={{ containIntrinsicBlockSize: `auto ${(HEX_AT_ONCE / 16) * 19}px` }}>
          {hexOf(bytes, place * HEX_AT_ONCE, (place + 1) * HEX_AT_ONCE)}
        </pre>
      ))}
      {to.value < bytes.length && (
        <button type="button" class="more" onClick={() => (to.value *= 8)}>
          {size(bytes.length - to.value)} more
        </button>
      )}
    </div>
  );
};

const LINE_END = /(\r\n|\r|\n)/;

/** Text with its line ends as signs. */
const withLineEnds = (text: string): string =>
  text
    .split(LINE_END)
    .map((piece) =>
      piece === '\r\n' ? '\u240d\u240a\n' : piece === '\n' ? '\u240a\n' : piece === '\r' ? '\u240d\n' : piece,
    )
    .join('');

export const Bytes = ({ bytes }: { bytes: Uint8Array }) => {
  const text = useMemo(() => textOf(bytes), [bytes]);
  if (text === undefined) {
    return (
      <>
        <p class="muted">Not text: {many(bytes.length, 'byte')} that are not UTF-8.</p>
        <Hex bytes={bytes} />
      </>
    );
  }
  return <Plain text={withLineEnds(text)} isCode />;
};

type Form = 'json' | 'text' | 'hex';

/** A body with the ways to look at it. Where it was packed, it says so, and hex shows the bytes that travelled. */
export const BodyBox = ({ body, what }: { body: Body; what: string }) => {
  // Of what begins damaged, there are the bytes.
  const plain = body.fault && body.plain?.length === 0 ? undefined : body.plain;
  const text = useMemo(() => plain && textOf(plain), [plain]);
  const isJson = useMemo(() => text !== undefined && root(text) !== undefined, [text]);
  const chosen = useSignal<Form | undefined>(undefined);
  if (body.bytes.length === 0) return <p class="muted">The {what} is empty.</p>;
  const form = chosen.value ?? (isJson ? 'json' : text === undefined ? 'hex' : 'text');
  const forms: { value: Form; label: string; testid: string }[] = [{ value: 'hex', label: 'Hex', testid: 'as-hex' }];
  if (plain) forms.unshift({ value: 'text', label: 'Text', testid: 'as-text' });
  if (isJson) forms.unshift({ value: 'json', label: 'JSON', testid: 'as-json' });
  return (
    <div class="body">
      <div class="bh">
        <span class="muted">
          {size(body.bytes.length)}
          {body.packing && `, ${body.packing}`}
          {body.packing && plain && `, unpacked ${size(plain.length)}`}
          {!body.plain && ', which a browser does not unpack'}
          {body.fault && `, ${body.fault}`}
          {plain && text === undefined && ', not text'}
        </span>
        <span class="grow" />
        {text !== undefined && <CopyButton label={`the ${what}`} text={() => text} />}
        <Switch label="How bytes are shown" choices={forms} value={form} set={(value) => (chosen.value = value)} />
      </div>
      <div class="code">
        {form === 'json' && <Tree text={text!} />}
        {form === 'text' && plain && <Bytes bytes={plain} />}
        {form === 'hex' && <Hex bytes={body.bytes} />}
      </div>
    </div>
  );
};

interface Group {
  name: string;
  first: number;
  last: number;
}
/** Rows, by their places, to the one before `to`. */
interface Stretch {
  from: number;
  to: number;
}
const SHORT = 4;
const MARKED = 40;
const MORE = 200;

/** Events of one name behind each other, as one group. */
const groupsOf = (names: readonly string[]): Group[] => {
  const groups: Group[] = [];
  names.forEach((name, place) => {
    const last = groups.at(-1);
    if (last?.name === name) last.last = place;
    else groups.push({ name, first: place, last: place });
  });
  return groups;
};

const EventRow = ({
  event,
  before,
  number,
  isChosen,
}: {
  event: RawEvent;
  before?: RawEvent;
  number: number;
  isChosen: boolean;
}) => {
  const isOpen = useSignal(false);
  return (
    <li class={isChosen ? 'hov' : ''} data-event={number}>
      <button type="button" aria-expanded={isOpen.value} onClick={() => (isOpen.value = !isOpen.value)}>
        <span>{number}</span>
        <em>{nameOf(event) || 'event'}</em>
        <code>
          <Shown text={gistOf(event, before)} />
        </code>
      </button>
      {isOpen.value && (
        <div class="open">
          <Tree text={event.data} />
        </div>
      )}
    </li>
  );
};

/** The first place of a group that the chosen passage came from. */
const touched = (source: Source | undefined, { first, last }: Group): number | undefined => {
  const run = source?.events?.find((events) => events.first <= last + 1 && events.last >= first + 1);
  return run && Math.max(first, run.first - 1);
};

/** Which rows of a group are drawn: from its beginning, or about the place that one looks for. */
const rowsOf = ({ first, last }: Group, place: number | undefined, open: Stretch | undefined): Stretch => {
  if (open && (place === undefined || (open.from <= place && place < open.to))) return open;
  const [from, to] = place === undefined ? [first, first + SHORT] : [place - SHORT, place + MARKED];
  // A fold takes a row itself.
  return { from: from <= first + 2 ? first : from, to: to >= last - 1 ? last + 1 : to };
};

/** The events of a stream in their order; long runs of one kind are folded, but about those that are marked. */
export const Events = ({ bytes, framing, wanted }: { bytes: Uint8Array; framing: Framing; wanted?: number }) => {
  const events = useMemo(() => eventsOf(bytes, framing), [bytes, framing]);
  const groups = useMemo(() => groupsOf(events.map(nameOf)), [events]);
  const open = useSignal<ReadonlyMap<number, Stretch>>(new Map());
  const limit = useSignal(300);
  if (events.length === 0) return <p class="muted">There is no event in it.</p>;
  /** The place in a group that one looks for. */
  const placeIn = (group: Group): number | undefined =>
    wanted !== undefined && wanted > group.first && wanted <= group.last + 1
      ? wanted - 1
      : touched(marked.value, group);
  const row = (place: number) => (
    <EventRow
      key={place}
      event={events[place]!}
      before={events.slice(Math.max(0, place - 3), place).findLast((one) => nameOf(one) === nameOf(events[place]!))}
      number={place + 1}
      isChosen={isMarked(marked.value, place + 1) || wanted === place + 1}
    />
  );
  const cut = (group: Group, number: number, words: string, stretch: Stretch) =>
    number > 0 ? (
      <li class="cut">
        <button type="button" onClick={() => (open.value = new Map(open.value).set(group.first, stretch))}>
          <Icon name="right" />
          {count(number)} {words}
        </button>
      </li>
    ) : null;
  // What one looks for may be far behind what is drawn: then it is drawn from there.
  const sought = groups.findIndex((group) => placeIn(group) !== undefined);
  const begin = sought < limit.value ? 0 : sought - SHORT;
  const rest = groups.length - begin - limit.value;
  return (
    <div class="ev">
      <ol aria-label="Events of the stream">
        {begin > 0 && (
          <li class="cut">
            <button type="button" onClick={() => (limit.value = sought + 1)}>
              {many(begin, 'group')} before
            </button>
          </li>
        )}
        {groups.slice(begin, begin + limit.value).map((group) => {
          const [name, end] = [group.name || 'these', group.last + 1];
          const { from, to } = rowsOf(group, placeIn(group), open.value.get(group.first));
          const before = { from: Math.max(group.first, from - MORE), to };
          const after = { from, to: Math.min(end, to + MORE) };
          return (
            <Fragment key={group.first}>
              {cut(group, from - group.first, `of ${name} before`, before)}
              {Array.from({ length: to - from }, (_, at) => row(from + at))}
              {cut(group, end - to, `more of ${name}`, after)}
            </Fragment>
          );
        })}
        {rest > 0 && (
          <li class="cut">
            <button type="button" onClick={() => (limit.value *= 4)}>
              {many(rest, 'more group')}
            </button>
          </li>
        )}
      </ol>
    </div>
  );
};
