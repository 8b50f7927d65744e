// One step: what the model was given, what came back, how it went over the wire, and the JSON that says so.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../keys.tsx';
import { between, cached, count, duration, size } from '../model/say.ts';
import { copyText, Fold, Status, Switch } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { isReadable } from '../parts/part.tsx';
import { Show, Waiting } from '../parts/state.tsx';
import { markSought } from '../parts/sought.ts';
import { stayAt, whenMoved } from '../parts/stay.ts';
import { Shown } from '../parts/text.tsx';
import { JsonBox } from '../parts/tree.tsx';
import { choose, href, open, stepLink, type PartName, type Place, type Side } from '../route.ts';
import type { RunStore } from '../run-store.ts';
import type { Outline, Redaction } from '../types.ts';
import { CameBack } from './back.tsx';
import { Given } from './given.tsx';
import { useTurnBefore } from './turn-before.ts';
import { Wire } from './wire.tsx';

const PARTS: [PartName, string][] = [
  ['sent', 'Sent'],
  ['back', 'Came back'],
  ['wire', 'Over the wire'],
  ['json', 'JSON'],
];

const targetOf = ({ name, at }: Place): Element | null => {
  if (at === undefined || name === 'json') return document.getElementById(name);
  const places = { sent: `#sent [data-message="${at}"]`, back: `.ev [data-event="${at}"]`, wire: `#attempt-${at}` };
  return document.querySelector(places[name]);
};

/** Scrolls on to a piece of text that is not seen with the beginning of what it stands in. */
const intoView = (piece: Range): void => {
  const bars = [...document.querySelectorAll('.hits, nav.tabs')].map((bar) => bar.getBoundingClientRect().bottom);
  const isSeen = ({ top, bottom }: DOMRect) => top >= Math.max(0, ...bars) && bottom <= innerHeight;
  if (!isSeen(piece.getBoundingClientRect())) piece.startContainer.parentElement?.scrollIntoView({ block: 'start' });
  const at = piece.getBoundingClientRect();
  if (!isSeen(at)) scrollBy(0, at.top - innerHeight / 2);
};

const Head = ({
  store,
  outline,
  last,
  before,
  after,
}: {
  store: RunStore;
  outline: Outline;
  last: number;
  before?: number;
  after?: number;
}) => {
  const number = outline.step_number;
  const took = between(outline.started_at, outline.finished_at);
  const share = cached(outline.cache_read_tokens, outline.input_tokens);
  const here: Side = { chat: store.chat, run: store.run, step: number };
  const compareLabel = before === undefined ? 'Compare with the turn before' : 'Compare with the step before';
  const compareWithTurn = useTurnBefore(store, number);
  const compare = () =>
    before === undefined ? void compareWithTurn() : open({ screen: 'compare', a: { ...here, step: before }, b: here });
  useKeys({ c: compare });
  const go = (to: number) => choose({ screen: 'run', chat: store.chat, run: store.run, step: to });
  return (
    <header class="sh">
      <div class="nav2">
        <button
          type="button"
          class="btn ghost"
          aria-label="Step before"
          disabled={before === undefined}
          onClick={() => go(before!)}
        >
          <Icon name="left" />
        </button>
        <h2 id="st">
          Step {number} <small>of {last}</small>
        </h2>
        <button
          type="button"
          class="btn ghost"
          aria-label="Next step"
          disabled={after === undefined}
          onClick={() => go(after!)}
        >
          <Icon name="right" />
        </button>
      </div>
      <Status of={outline.status} />
      <span class="muted">
        {outline.operation === 'stream' ? 'streamed' : 'not streamed'}
        {took !== undefined && `, ${duration(took)}`}
      </span>
      {outline.model && outline.model !== store.detail.now.value.value?.model && (
        <span class="muted mono">
          <Shown text={outline.model} />
        </span>
      )}
      {outline.input_tokens !== undefined && (
        <span class="muted">
          {count(outline.input_tokens)} in
          {share ? (
            <>
              , <b>{share} % cached</b>
            </>
          ) : (
            ''
          )}
        </span>
      )}
      {outline.output_tokens !== undefined && <span class="muted">{count(outline.output_tokens)} out</span>}
      <span class="grow" />
      <button
        type="button"
        class="btn ghost"
        title="Copy a link to this step"
        aria-label="Copy a link to this step"
        onClick={() => copyText(new URL(stepLink(store, number), location.href).href, 'The link')}
      >
        <Icon name="link" />
      </button>
      <button type="button" class="btn ghost" title={compareLabel} aria-label={compareLabel} onClick={compare}>
        <Icon name="compare" />
        <span>Compare</span>
      </button>
    </header>
  );
};

/** `/attempts/0/request_headers` as a person says it. */
const placeOf = (at: string): string =>
  at
    .slice(1)
    .split('/')
    .map((name, index, all) =>
      /^\d+$/.test(name) && all[index - 1] === 'attempts' ? String(Number(name) + 1) : name.replace(/_/g, ' '),
    )
    .join(' ')
    .replace(/^attempts/, 'attempt') || 'the step';

/** A body that could not be read counts as one thing that was taken out, and is no key. */
const takenOut = (keys: number, bodies: number): string =>
  [
    keys > 0 && `${keys === 1 ? '1 key was' : `${count(keys)} keys were`} taken out before this was stored`,
    bodies > 0 && `${bodies === 1 ? '1 body was' : `${count(bodies)} bodies were`} not stored`,
  ]
    .filter(Boolean)
    .join('; ');

/** What was taken out before anything was stored. */
const Receipt = ({ of: { total, found = [], withheld = [], more } }: { of: Redaction }) => (
  <Fold summary={takenOut(total - withheld.length, withheld.length)}>
    {() => (
      <ul class="receipt">
        {found.map(({ rule, at, count: times }, place) => (
          <li key={place}>
            <code>{rule}</code> in <Shown text={placeOf(at)} />
            {times > 1 && `, ${count(times)} times`}
          </li>
        ))}
        {withheld.map(({ at, why, bytes }, place) => (
          <li key={`w${place}`}>
            <Shown text={placeOf(at)} />: {size(bytes)} were not stored, since they could not be read ({why})
          </li>
        ))}
        {more !== undefined && <li>and {count(more)} more</li>}
      </ul>
    )}
  </Fold>
);

export const StepPanel = ({
  store,
  outlines,
  number,
  place,
}: {
  store: RunStore;
  outlines: readonly Outline[];
  number: number;
  place?: Place;
}) => {
  const at = outlines.findIndex((one) => one.step_number === number);
  const outline = outlines[at]!;
  const outlineBefore = outlines[at - 1];
  const numberBefore = outlineBefore?.step_number;
  const view = useMemo(() => store.view(number), [store, number]);
  const viewBefore = useMemo(
    () => (numberBefore === undefined ? undefined : store.view(numberBefore)),
    [store, numberBefore],
  );
  const step = useMemo(() => store.needStep(number), [store, number]);
  const current = useSignal<PartName>(place?.name ?? 'sent');
  /** Whether a link or a key has led here, and the reader has not moved since. */
  const isLed = useRef(false);
  useEffect(() => whenMoved(() => (isLed.current = false)), []);
  const jsonOf = useSignal<number | undefined>(undefined);
  const jump = (name: PartName) => {
    current.value = name;
    isLed.current = true;
    if (name === 'json') jsonOf.value = number;
    const part = document.getElementById(name);
    part?.scrollIntoView({ block: 'start' });
    part?.querySelector<HTMLElement>('h3')?.focus({ preventScroll: true });
  };
  useKeys({
    1: () => jump('sent'),
    2: () => jump('back'),
    3: () => jump('wire'),
    4: () => jump('json'),
    r: () => (isReadable.value = !isReadable.value),
    y: () => void copyText(location.href, 'The link'),
  });
  const isReady = view.now.value.value !== undefined;
  useEffect(() => {
    if (!place) return;
    current.value = place.name;
    isLed.current = true;
    const step = document.getElementById('step')!;
    return stayAt(step, () => {
      const target = targetOf(place) ?? document.getElementById(place.name);
      target?.scrollIntoView({ block: 'start' });
      const mark = target && markSought(target, number, place);
      if (mark) intoView(mark);
    });
  }, [number, place]);
  // Whoever has read to the end of a step, or chosen the next above it, begins at that one's head.
  const shown = useRef(number);
  useEffect(() => {
    const isNext = !place && shown.current !== number;
    shown.current = number;
    if (!isNext) return;
    const step = document.getElementById('step')!;
    const { top } = step.getBoundingClientRect();
    if (top < 0 || top > innerHeight / 2) step.scrollIntoView();
  }, [number]);
  // The step after is mostly looked at next.
  const after = outlines[at + 1]?.step_number;
  useEffect(() => {
    if (isReady && after !== undefined) store.view(after);
  }, [isReady, after]);
  useEffect(() => {
    const seen = new IntersectionObserver(
      (entries) => {
        const top = entries.filter((entry) => entry.isIntersecting).at(-1);
        if (top && !isLed.current) current.value = top.target.id as PartName;
      },
      { rootMargin: '-90px 0px -70% 0px' },
    );
    for (const [name] of PARTS) {
      const part = document.getElementById(name);
      if (part) seen.observe(part);
    }
    return () => seen.disconnect();
  }, [isReady, number]);
  const attempts = outline.attempts.length + (outline.attempts_left_out ?? 0);
  const before = viewBefore?.now.value.value;
  // Without the step before, all would look new for a moment.
  const isWaiting = viewBefore !== undefined && before === undefined && viewBefore.now.value.state === 'loading';
  return (
    <>
      <Head store={store} outline={outline} last={outlines.at(-1)!.step_number} before={numberBefore} after={after} />
      <nav class="tabs" aria-label="Parts of this step">
        {PARTS.map(([name, label]) => (
          <a
            key={name}
            href={href({ screen: 'run', chat: store.chat, run: store.run, step: number, part: { name } })}
            aria-current={current.value === name ? 'true' : undefined}
            onClick={(event) => (event.preventDefault(), jump(name))}
          >
            {label}
            {name === 'wire' && attempts > 1 && (
              <>
                {' '}
                <b>
                  {attempts}
                  <span class="vh"> attempts</span>
                </b>
              </>
            )}
          </a>
        ))}
        <span class="grow" />
        <Switch
          label="How text is shown"
          value={isReadable.value ? 'readable' : 'sent'}
          set={(value) => (isReadable.value = value === 'readable')}
          choices={[
            { value: 'readable', label: 'Readable' },
            { value: 'sent', label: 'As sent' },
          ]}
        />
      </nav>
      <Show of={view} what={`step ${number}`} rows={6}>
        {(value) =>
          isWaiting ? (
            <Waiting what={`step ${numberBefore}`} rows={6} />
          ) : (
            <>
              <Given
                key={`given ${number}`}
                store={store}
                view={value}
                before={before}
                outline={outline}
                outlineBefore={outlineBefore}
                wanted={place?.name === 'sent' ? place.at : undefined}
              />
              <CameBack
                key={`back ${number}`}
                store={store}
                view={value}
                isRunning={outline.status === 'in_progress'}
                wanted={place?.name === 'back' ? place.at : undefined}
              />
            </>
          )
        }
      </Show>
      {step.now.value.value?.redaction && (
        <div class="part">
          <Receipt of={step.now.value.value.redaction} />
        </div>
      )}
      <Wire
        key={`wire ${number}`}
        store={store}
        number={number}
        of={step}
        view={view.now.value.value}
        outline={outline}
        place={place?.name === 'wire' ? place : undefined}
      />
      <section class="part" id="json" aria-labelledby="s4" data-testid="json">
        <div class="ph">
          <h3 id="s4">JSON</h3>
          <p class="muted">the step as the service answers it</p>
        </div>
        <Fold key={number} summary="all of it" isOpen={place?.name === 'json' || jsonOf.value === number}>
          {() => (
            <Show of={store.text(number)} what="the step" rows={4}>
              {(text) => <JsonBox text={text} label={`step ${number} as JSON`} />}
            </Show>
          )}
        </Fold>
      </section>
    </>
  );
};
