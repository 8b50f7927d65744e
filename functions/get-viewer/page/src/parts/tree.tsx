// JSON as a tree over its text: what is opened is read, and shown as it was written.
import { useSignal, type ReadonlySignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { sizeOf } from '../model/bytes.ts';
import { childrenOf, kindOf, root, saidBy, slice, type Child, type Range } from '../model/json.ts';
import { count, many, size } from '../model/say.ts';
import { CopyButton } from './bits.tsx';
import { Icon } from './icon.tsx';
import { isSought } from './sought.ts';
import { Plain, Shown } from './text.tsx';

const LINE = 64;
const OPEN_UP_TO = 1500;
const STRING = 400;
/** A longer string is shown as text, in blocks. */
const LARGEST_WHOLE = 20_000;
const AT_ONCE = 100;
/** Deeper values begin folded, so that no text makes the page as deep as itself. */
const DEEPEST = 12;

const CLASS = { string: 's', number: 'q', word: 'q', object: '', array: '' } as const;

const isContainer = (text: string, range: Range): boolean => {
  const kind = kindOf(text, range);
  return kind === 'object' || kind === 'array';
};

/** The JSON Pointer of a value within another. */
const pathOf = (text: string, child: Child, path: string, place: number): string =>
  `${path}/${child.name ? saidBy(text, child.name).replace(/~/g, '~0').replace(/\//g, '~1') : place}`;

/** A value on one line, as it was written but for its colours. */
const Line = ({ text, range, path }: { text: string; range: Range; path: string }) => {
  const kind = kindOf(text, range);
  if (!isContainer(text, range))
    return (
      <span class={CLASS[kind]}>
        <Shown text={slice(text, range)} />
      </span>
    );
  const children = [...childrenOf(text, range)];
  const [open, close] = kind === 'object' ? ['{', '}'] : ['[', ']'];
  if (children.length === 0)
    return (
      <>
        {open}
        {close}
      </>
    );
  return (
    <>
      {open}{' '}
      {children.map((child, place) => (
        <span key={place} data-path={pathOf(text, child, path, place)}>
          <Name text={text} child={child} />
          <Line text={text} range={child} path={pathOf(text, child, path, place)} />
          {place < children.length - 1 ? ', ' : ' '}
        </span>
      ))}
      {close}
    </>
  );
};

const Name = ({ text, child }: { text: string; child: Child }) =>
  child.name ? (
    <>
      <span class="u">
        <Shown text={slice(text, child.name)} />
      </span>
      :{' '}
    </>
  ) : null;

const StringValue = ({ text, range }: { text: string; range: Range }) => {
  const source = slice(text, range);
  const as = useSignal<'source' | 'text' | 'json'>('source');
  const isAsked = useSignal(source.length <= STRING);
  const isWhole = isAsked.value || (source.length <= LARGEST_WHOLE && isSought(source));
  const said = useMemo(() => saidBy(text, range), [text, range.from, range.to]);
  const hasJson = useMemo(() => /^\s*[[{]/.test(said) && root(said) !== undefined, [said]);
  const hasLines = said.includes('\n');
  return (
    <>
      {as.value === 'source' &&
        (isWhole ? (
          <span class="s">
            <Shown text={source} />
          </span>
        ) : (
          <span class="s">
            <Shown text={source.slice(0, STRING)} />…
          </span>
        ))}
      {!isWhole && as.value === 'source' && (
        <button
          type="button"
          class="more"
          onClick={() => (source.length > LARGEST_WHOLE ? (as.value = 'text') : (isAsked.value = true))}
        >
          all {size(sizeOf(source))}
        </button>
      )}
      {hasJson && (
        <button
          type="button"
          class="more"
          aria-pressed={as.value === 'json'}
          onClick={() => (as.value = as.value === 'json' ? 'source' : 'json')}
        >
          as JSON
        </button>
      )}
      {(hasLines || source.length > STRING) && (
        <button
          type="button"
          class="more"
          aria-pressed={as.value === 'text'}
          onClick={() => (as.value = as.value === 'text' ? 'source' : 'text')}
        >
          as text
        </button>
      )}
      {as.value === 'json' && (
        <div class="nested">
          <Tree text={said} />
        </div>
      )}
      {as.value === 'text' && (
        <div class="nested sans">
          <Plain text={said} isWanted />
        </div>
      )}
    </>
  );
};

const Value = ({
  text,
  range,
  depth,
  path,
  isLast = true,
  largest = Infinity,
  child,
}: {
  text: string;
  range: Range;
  depth: number;
  path: string;
  isLast?: boolean;
  /** The whole of it begins folded when it is longer. */
  largest?: number;
  child?: Child;
}) => {
  const length = range.to - range.from;
  const kind = kindOf(text, range);
  const isFolding = (kind === 'object' || kind === 'array') && length > LINE;
  const chosen = useSignal<boolean | undefined>(undefined);
  const begins = () =>
    (depth === 0 && length <= largest) ||
    (depth < DEEPEST && (length <= OPEN_UP_TO || (isFolding && isSought(slice(text, range)))));
  const isOpen = chosen.value ?? begins();
  const comma = isLast ? '' : ',';
  const name = child && <Name text={text} child={child} />;
  if (kind === 'string' && length > LINE)
    return (
      <div class="row" data-path={path}>
        {name}
        <StringValue text={text} range={range} />
        {comma}
      </div>
    );
  if (!isFolding)
    return (
      <div class="row" data-path={path}>
        {name}
        <Line text={text} range={range} path={path} />
        {comma}
      </div>
    );
  const [open, close] = kind === 'object' ? ['{', '}'] : ['[', ']'];
  return (
    <div class="row" data-path={path}>
      <button
        type="button"
        class="twist"
        aria-expanded={isOpen}
        aria-label={`${path || 'the value'}`}
        onClick={() => (chosen.value = !isOpen)}
      >
        <Icon name={isOpen ? 'open' : 'right'} />
      </button>
      {name}
      {open}
      {isOpen ? (
        <>
          <Children text={text} range={range} depth={depth} path={path} />
          {close}
          {comma}
        </>
      ) : (
        <>
          {' '}
          <Folded text={text} range={range} open={() => (chosen.value = true)} /> {close}
          {comma}
        </>
      )}
    </div>
  );
};

const Folded = ({ text, range, open }: { text: string; range: Range; open: () => void }) => {
  const [items, length] = useMemo(() => {
    let number = 0;
    for (const _ of childrenOf(text, range)) if ((number += 1) > 9999) break;
    return [number, sizeOf(slice(text, range))];
  }, [text, range.from]);
  const said =
    items > 9999
      ? 'more than 9,999 items'
      : kindOf(text, range) === 'object'
        ? many(items, 'member')
        : many(items, 'item');
  return (
    <button type="button" class="more" onClick={open}>
      {said}, {size(length)}
    </button>
  );
};

const Children = ({ text, range, depth, path }: { text: string; range: Range; depth: number; path: string }) => {
  const limit = useSignal(AT_ONCE);
  const [items, isMore] = useMemo(() => {
    const found: Child[] = [];
    for (const child of childrenOf(text, range)) {
      if (found.length === limit.value) return [found, true] as const;
      found.push(child);
    }
    return [found, false] as const;
  }, [text, range.from, limit.value]);
  return (
    <div class="inner">
      {items.map((child, place) => (
        <Value
          key={child.from}
          text={text}
          range={child}
          child={child}
          depth={depth + 1}
          isLast={!isMore && place === items.length - 1}
          path={pathOf(text, child, path, place)}
        />
      ))}
      {isMore && (
        <button type="button" class="more" onClick={() => (limit.value *= 5)}>
          more than these {count(limit.value)}
        </button>
      )}
    </div>
  );
};

/** A text as a tree when it is JSON, else as it is. The path of the value that one is at can be copied. */
export const Tree = ({ text, largest }: { text: string; largest?: number }) => {
  const whole = useMemo(() => root(text), [text]);
  const at = useSignal('');
  if (!whole) return <Plain text={text} isCode />;
  const go = ({ target, currentTarget }: Event) => {
    const row = (target as Element).closest<HTMLElement>('[data-path]');
    // A text within it may be a tree of its own.
    if (row?.closest('.tree') === currentTarget) at.value = row?.dataset.path ?? '';
  };
  return (
    <div class="tree mono" onClick={go} onFocusIn={go}>
      <Value text={text} range={whole} depth={0} path="" largest={largest} />
      <Path of={at} />
    </div>
  );
};

const Path = ({ of: { value } }: { of: ReadonlySignal<string> }) =>
  value === '' ? null : (
    <p class="path">
      <Shown text={value} />
      <CopyButton label={`the path ${value}`} text={() => value} />
    </p>
  );

/** A tree with the means to copy its source. */
export const JsonBox = ({ text, label }: { text: string; label: string }) => (
  <div class="jsonbox">
    <CopyButton label={label} text={() => text} />
    <Tree text={text} />
  </div>
);
