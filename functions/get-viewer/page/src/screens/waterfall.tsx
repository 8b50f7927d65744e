// The steps of a run: a row each, with a bar for its time, its tokens or its bytes.
import { computed, useComputed, useSignal, useSignalEffect, type ReadonlySignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { count, duration, many, size } from '../model/say.ts';
import { signed } from '../model/text.ts';
import {
  axisOf,
  besideOf,
  byteStack,
  gridOf,
  placed,
  tokenStack,
  type AttemptRow,
  type Axis,
  type Bar,
  type Row,
  type Stack,
} from '../model/waterfall.ts';
import { HttpStatus, Switch } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { whenNear } from '../parts/near.ts';
import { Shown } from '../parts/text.tsx';
import { choose, href } from '../route.ts';
import type { RunStore } from '../run-store.ts';
import type { Outline, RunDetail, StepView } from '../types.ts';

export type Measure = 'time' | 'tokens' | 'bytes';

const NAMED = 3;
/** The width of a letter, in pixels. */
const LETTER = 7;
/** The letters that the name of an attempt has room for. */
const ATTEMPT = 22;

/** What a step did, in a few words. */
export const nameOf = (outline: Outline, view?: StepView, error?: string, most = NAMED): string => {
  if (outline.status === 'in_progress') return 'running';
  if (outline.status === 'interrupted') return 'stopped';
  if (outline.has_error) return error ? `failed: ${error}` : 'failed';
  const names = outline.tools_called ?? [];
  if (names.length === 0) return 'answers';
  const calls = view?.answer.flatMap((choice) => choice.parts.filter((part) => part.type === 'tool_call')) ?? [];
  const said = names.slice(0, most).map((name) => {
    const times = calls.filter((call) => call.name === name).length;
    return times > 1 ? `${name} ×${times}` : name;
  });
  const more = names.length - said.length + (outline.tools_left_out ?? 0);
  return `calls ${said.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
};

const Bars = ({ bars, axis }: { bars: readonly Bar[]; axis: Axis }) => (
  <>
    {bars.map((bar, place) => {
      const { left, width } = placed(axis, bar);
      return <i key={place} class={`b ${bar.kind}`} style={{ left: `${left * 100}%`, width: `${width * 100}%` }} />;
    })}
  </>
);

const Stacked = ({ stack, most }: { stack: Stack; most: number }) => {
  let left = 0;
  return (
    <>
      {stack.parts.map(({ kind, amount }) => {
        const from = left;
        left += amount;
        return (
          amount > 0 && (
            <i
              key={kind}
              class={`b k-${kind}`}
              style={{ left: `${(from / most) * 100}%`, width: `${(amount / most) * 100}%` }}
            />
          )
        );
      })}
    </>
  );
};

const sentenceOf = (row: Row, name: string): string => {
  const failed = row.attempts.filter((attempt) => attempt.end === 'failed');
  const tries =
    row.attempts.length > 1
      ? `, ${many(row.attempts.length, 'attempt')}${failed.length > 0 ? `, ${failed.length === 1 ? 'one' : failed.length} failed with ${failed.map((attempt) => attempt.status ?? 'no answer').join(', ')}` : ''}`
      : '';
  const tokens =
    row.step.input_tokens !== undefined
      ? `, ${count(row.step.input_tokens)} tokens in, ${count(row.step.output_tokens ?? 0)} out`
      : '';
  return `Step ${row.step.step_number}, ${name}, ${duration(row.to - row.from)}${tries}${tokens}${row.isShifted ? '; its clock says that a part began before it' : ''}`;
};

const tokensOf = (step: Outline): string =>
  (step.input_tokens ?? step.output_tokens) === undefined ? '' : count(tokenStack(step).total);

/** What a row comes to, in figures. */
const valueOf = (row: Row, measure: Measure): string =>
  measure === 'time'
    ? duration(row.to - row.from)
    : measure === 'tokens'
      ? tokensOf(row.step)
      : size(byteStack(row.step).total);

const bytesOfAttempt = ({ step }: Row, place: number): Stack =>
  byteStack({ attempts: step.attempts.slice(place, place + 1) });

/** What came between an attempt and the next, where there is room for it. */
const Pause = ({ of: attempt, axis }: { of: AttemptRow; axis: Axis }) => {
  const text = pauseOf(attempt);
  const beside = text && besideOf(axis, attempt, text);
  if (!beside) return null;
  const [side, share] = Object.entries(beside)[0]!;
  return (
    <span class="lab" style={{ [side]: `${share * 100}%` }}>
      <Shown text={text} />
    </span>
  );
};

const pauseOf = ({ pause, reason }: AttemptRow): string | undefined =>
  pause ? [`${duration(pause)} pause`, reason].filter(Boolean).join(', ') : undefined;

interface RowProps {
  store: RunStore;
  row: Row;
  axis: Axis;
  measure: Measure;
  most: number;
  chosen: ReadonlySignal<number | undefined>;
  hits: ReadonlySignal<ReadonlySet<number>>;
  error?: string;
}

const StepRow = ({ store, row, axis, measure, most, chosen, hits, error }: RowProps) => {
  const number = row.step.step_number;
  const isChosen = useComputed(() => chosen.value === number);
  const hasHit = useComputed(() => hits.value.has(number));
  const view = useComputed(() => store.read.value.get(number));
  const problem = error ?? view.value?.error?.message;
  const name = nameOf(row.step, view.value, problem);
  const to = { screen: 'run', chat: store.chat, run: store.run, step: number } as const;
  const isOpen = row.attempts.length > 1 && isChosen.value;
  const pick = (event: MouseEvent, part?: { name: 'wire'; at: number }) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0) return;
    event.preventDefault();
    choose({ ...to, part });
  };
  return (
    <li class="step">
      <a
        class={`r ${isChosen.value ? 'sel' : ''}`}
        href={href(to)}
        aria-current={isChosen.value ? 'step' : undefined}
        data-testid="step-row"
        data-step={number}
        title={signed(sentenceOf(row, nameOf(row.step, view.value, problem, Infinity)))}
        onClick={pick}
      >
        <span class="vh">{signed(sentenceOf(row, name))}</span>
        <span class="n" aria-hidden="true">
          <em>{number}</em>
          {row.attempts.length > 1 && <Icon name={isOpen ? 'open' : 'right'} class="tw" />}
          <span class={row.step.has_error ? 'bad' : row.step.status === 'interrupted' ? 'w' : ''}>
            <Shown text={name} />
          </span>
          {hasHit.value && <b class="tick" title="has hits" />}
        </span>
        <span class="tl" aria-hidden="true">
          {measure === 'time' && (
            <>
              <Bars bars={row.bars} axis={axis} />
              {row.gap && <Bars bars={[row.gap]} axis={axis} />}
            </>
          )}
          {measure === 'tokens' && <Stacked stack={tokenStack(row.step)} most={most} />}
          {measure === 'bytes' && <Stacked stack={byteStack(row.step)} most={most} />}
        </span>
        <span class="num" aria-hidden="true">
          {valueOf(row, measure)}
        </span>
      </a>
      {isOpen && (
        <ol aria-label={`Attempts of step ${number}`}>
          {row.attempts.map((attempt, place) => (
            <li key={attempt.number}>
              <a
                class={`r sub ${isChosen.value ? 'sel' : ''}`}
                href={href({ ...to, part: { name: 'wire', at: attempt.number } })}
                title={pauseOf(attempt) && signed(pauseOf(attempt)!)}
                onClick={(event) => pick(event, { name: 'wire', at: attempt.number })}
              >
                <span class="n">
                  <HttpStatus status={attempt.status} end={attempt.end} /> attempt {attempt.number}
                </span>
                <span class="tl">
                  {measure === 'time' && (
                    <>
                      <Bars bars={attempt.bars} axis={axis} />
                      <Pause of={attempt} axis={axis} />
                    </>
                  )}
                  {measure === 'bytes' && <Stacked stack={bytesOfAttempt(row, place)} most={most} />}
                </span>
                <span class="num">
                  {measure === 'time' && duration(attempt.to - attempt.from)}
                  {measure === 'bytes' && size(bytesOfAttempt(row, place).total)}
                </span>
              </a>
            </li>
          ))}
        </ol>
      )}
    </li>
  );
};

/** Brings a step's row into view within its list, without moving the page. */
const reveal = (number: number | undefined): void => {
  const row = document.querySelector<HTMLElement>(`[data-testid=step-row][data-step="${number}"]`);
  const list = row?.closest<HTMLElement>(
    getComputedStyle(row.closest('.left')!).overflowY === 'auto' ? '.left' : '.wf',
  );
  if (!row || !list) return;
  const [at, frame] = [row.getBoundingClientRect(), list.getBoundingClientRect()];
  const bottom = Math.min(frame.bottom, innerHeight);
  // The axis stays above the rows.
  if (at.top < list.querySelector('.ax')!.getBoundingClientRect().bottom || at.bottom > bottom)
    list.scrollTop += at.top - frame.top - (bottom - frame.top) / 2;
};

const GROUP = 10;
const ROW = 33;

/** Ten rows, which are made when they are near: a run of thousands of steps opens as fast as one of five. */
const Group = ({
  rows,
  ...props
}: Omit<RowProps, 'row' | 'error'> & {
  rows: readonly Row[];
  errors: ReadonlyMap<number, string>;
}) => {
  const holdsChosen = (number: number | undefined) => rows.some((row) => row.step.step_number === number);
  const isNear = useSignal(holdsChosen(props.chosen.peek()));
  useSignalEffect(() => {
    if (holdsChosen(props.chosen.value)) isNear.value = true;
  });
  const place = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (!isNear.value && place.current) return whenNear(place.current, () => (isNear.value = true));
  }, [isNear.value]);
  if (!isNear.value) {
    return (
      <li ref={place} class="spacer" style={{ height: `${rows.length * ROW}px` }}>
        <span class="vh">
          Steps {rows[0]!.step.step_number} to {rows.at(-1)!.step.step_number}
        </span>
      </li>
    );
  }
  return (
    <>
      {rows.map((row) => (
        <StepRow key={row.step.step_number} row={row} error={props.errors.get(row.step.step_number)} {...props} />
      ))}
    </>
  );
};

const LEGEND: Record<Measure, [string, string][]> = {
  time: [
    ['wait', 'to first byte'],
    ['answer', 'answer'],
    ['pause', 'pause'],
    ['tools', 'tools'],
  ],
  tokens: [
    ['k-read', 'from cache'],
    ['k-created', 'to cache'],
    ['k-fresh', 'fresh'],
    ['k-output', 'output'],
  ],
  bytes: [
    ['k-sent', 'sent'],
    ['k-back', 'back'],
  ],
};

const Legend = ({ of }: { of: Measure }) => (
  <span class="legend">
    {LEGEND[of].map(([kind, label]) => (
      <span key={kind}>
        <i class={`b ${kind}`} />
        {label}
      </span>
    ))}
  </span>
);

const GUESSED = 240;

/** How wide an element is that may stand in another's place, which `anew` tells. */
const useWidth = (of: RefObject<HTMLElement>, anew: unknown): number => {
  const width = useSignal(GUESSED);
  useLayoutEffect(() => {
    const element = of.current;
    if (!element) return;
    const measure = () => (width.value = element.clientWidth || GUESSED);
    measure();
    const resized = new ResizeObserver(measure);
    resized.observe(element);
    return () => resized.disconnect();
  }, [anew]);
  return width.value;
};

export const Waterfall = ({
  store,
  outlines,
  detail,
  chosen,
  hits,
}: {
  store: RunStore;
  outlines: readonly Outline[];
  detail?: RunDetail;
  chosen: ReadonlySignal<number | undefined>;
  hits: ReadonlySignal<ReadonlySet<number>>;
}) => {
  const measure = useSignal<Measure>('time');
  const rows = store.rows.value;
  const track = useRef<HTMLSpanElement>(null);
  const width = useWidth(track, measure.value);
  const axis = useMemo(() => axisOf(rows, LETTER / width), [rows, width]);
  const errors = useMemo(
    () =>
      new Map(
        (detail?.steps ?? []).flatMap((step) => {
          const said = step.error?.message ?? step.error?.code;
          return typeof said === 'string' ? [[step.step_number, said] as const] : [];
        }),
      ),
    [detail],
  );
  // As wide as the longest name asks for; the style says how much of that there is room for.
  const names = useMemo(
    () =>
      computed(() => {
        const read = store.read.value;
        const errorOf = (number: number) => errors.get(number) ?? read.get(number)?.error?.message;
        const name = 6 + Math.max(...outlines.map((step) => nameOf(step, undefined, errorOf(step.step_number)).length));
        return outlines.some((step) => step.attempts.length > 1) ? Math.max(name, ATTEMPT) : name;
      }),
    [store, outlines, errors],
  ).value;
  const stack = measure.value === 'tokens' ? tokenStack : byteStack;
  const most = measure.value === 'time' ? 1 : Math.max(1, ...rows.map((row) => stack(row.step).total));
  const between = rows.reduce((sum, row) => sum + (row.gap ? row.gap.to - row.gap.from : 0), 0);
  // In a frame of its own, which is the one that looks for what is near: what is far from the chosen step is not made.
  useEffect(() => void requestAnimationFrame(() => reveal(chosen.peek())), [outlines]);
  useSignalEffect(() => {
    const number = chosen.value;
    requestAnimationFrame(() => reveal(number));
  });
  const unsaid = axis.folds.filter((fold) => !fold.isSaid);
  const groups: Row[][] = [];
  for (let at = 0; at < rows.length; at += GROUP) groups.push(rows.slice(at, at + GROUP));
  const named: Record<Measure, string> = {
    time: `on a time line of ${duration(Math.max(0, ...rows.map((row) => row.to)))}`,
    tokens: 'by their tokens',
    bytes: 'by their bytes',
  };
  return (
    <section aria-labelledby="wf">
      <div class="lh">
        <h2 id="wf">Steps</h2>
        <Switch
          label="What the bars show"
          value={measure.value}
          set={(value) => (measure.value = value)}
          choices={[
            { value: 'time', label: 'Time', testid: 'bars-time' },
            { value: 'tokens', label: 'Tokens', testid: 'bars-tokens' },
            { value: 'bytes', label: 'Bytes', testid: 'bars-bytes' },
          ]}
        />
        <span class="grow" />
        {measure.value === 'time' && <Legend of="time" />}
      </div>
      <div
        class="wf"
        style={{
          '--names': `${names * LETTER}px`,
          '--values': `${Math.max(0, ...rows.map((row) => valueOf(row, measure.value).length)) * LETTER}px`,
          '--digits': String(outlines.at(-1)?.step_number).length,
          '--grid': measure.value === 'time' ? gridOf(axis) : 'none',
        }}
      >
        <div class="ax" aria-hidden="true">
          {measure.value === 'time' ? (
            <span class="tl" ref={track}>
              {axis.ticks.map(({ at, label }) => (
                <b key={at} style={{ '--at': `${at * 100}%` }}>
                  {label}
                </b>
              ))}
            </span>
          ) : (
            <Legend of={measure.value} />
          )}
        </div>
        {measure.value === 'time' && unsaid.length > 0 && (
          <p class="folds">
            {many(unsaid.length, 'pause')} folded: {unsaid.map((fold) => duration(fold.skipped)).join(', ')}
          </p>
        )}
        <ol aria-label={`Steps and attempts ${named[measure.value]}`}>
          {groups.map((group) => (
            <Group
              key={group[0]!.step.step_number}
              rows={group}
              store={store}
              axis={axis}
              measure={measure.value}
              most={most}
              chosen={chosen}
              hits={hits}
              errors={errors}
            />
          ))}
        </ol>
      </div>
      {between > 0 && (
        <p class="note">
          Between the steps, tools and your chat's server took <b>{duration(between)}</b>.
        </p>
      )}
    </section>
  );
};
