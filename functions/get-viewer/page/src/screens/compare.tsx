// Two steps, or two runs step by step: in numbers, and in what they were given and answered.
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { useKeys } from '../keys.tsx';
import { aligned } from '../model/difference.ts';
import { day, short, time } from '../model/say.ts';
import { copyText } from '../parts/bits.tsx';
import { chatCrumb } from '../parts/chat-name.tsx';
import { Frame } from '../parts/frame.tsx';
import { Icon } from '../parts/icon.tsx';
import { Show, Waiting } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import { back, choose, href, type Route, type Side } from '../route.ts';
import { storeOf, type RunStore } from '../run-store.ts';
import type { Outline } from '../types.ts';
import { figuresOf, firstByte, Numbers, runFigures } from './numbers.tsx';
import { StepDifferences } from './step-difference.tsx';
import { useStore } from './use-store.ts';
import { nameOf } from './waterfall.tsx';

const storeFor = ({ chat, run }: Side): RunStore => storeOf(chat, run);

const TwoSteps = ({ a, b }: { a: Side; b: Side }) => {
  const stores = useMemo<[RunStore, RunStore]>(() => [storeFor(a), storeFor(b)], [a.run, b.run]);
  const [one, other] = [
    useMemo(() => stores[0].view(a.step!), [stores, a.step]),
    useMemo(() => stores[1].view(b.step!), [stores, b.step]),
  ];
  useMemo(() => (stores[0].needStep(a.step!), stores[1].needStep(b.step!)), [stores, a.step, b.step]);
  const outline = (store: RunStore, number: number) =>
    store.outlines.now.value.value?.find((step) => step.step_number === number);
  return (
    <>
      <Numbers
        of="steps"
        a={figuresOf(outline(stores[0], a.step!), one.now.value.value, firstByte(stores[0], a.step!))}
        b={figuresOf(outline(stores[1], b.step!), other.now.value.value, firstByte(stores[1], b.step!))}
      />
      <Show of={one} what="step A">
        {(viewA) => (
          <Show of={other} what="step B">
            {(viewB) => <StepDifferences a={viewA} b={viewB} stores={stores} />}
          </Show>
        )}
      </Show>
    </>
  );
};

const keyOfStep = (step: Outline): string =>
  JSON.stringify([step.operation, step.tools_called ?? [], step.has_error ? 'error' : step.status]);

const TwoRuns = ({ a, b }: { a: Side; b: Side }) => {
  const stores = useMemo<[RunStore, RunStore]>(() => [storeFor(a), storeFor(b)], [a.run, b.run]);
  const [one, other] = [stores[0].outlines.now.value.value, stores[1].outlines.now.value.value];
  const pairs = useMemo(() => (one && other ? aligned(one, other, keyOfStep) : []), [one, other]);
  const chosen = useSignal<number | undefined>(undefined);
  if (!one || !other)
    return (
      <Show of={one ? stores[1].outlines : stores[0].outlines} what="the steps">
        {() => <Waiting what="the steps" />}
      </Show>
    );
  const first = pairs.findIndex((pair) => pair.a && pair.b);
  const at = chosen.value ?? (first < 0 ? undefined : first);
  const pair = at === undefined ? undefined : pairs[at];
  const cell = (step: Outline | undefined) =>
    step ? (
      <>
        <span class="faint">{step.step_number}</span> <Shown text={nameOf(step)} />
      </>
    ) : (
      <span class="faint">no such step</span>
    );
  return (
    <>
      <Numbers of="runs" a={runFigures(stores[0])} b={runFigures(stores[1])} />
      <h2>
        Steps{' '}
        <small>paired by how they were called, which tools they called and how they ended, else by their place</small>
      </h2>
      <ol class="pairs">
        {pairs.map((of, place) => (
          <li key={place}>
            <button
              type="button"
              class={`row2 ${place === at ? 'sel' : ''}`}
              aria-pressed={place === at}
              disabled={!of.a || !of.b}
              onClick={() => (chosen.value = place)}
            >
              <span>{cell(of.a)}</span>
              <span>{cell(of.b)}</span>
            </button>
          </li>
        ))}
      </ol>
      {pair?.a && pair.b && (
        <TwoSteps key={at} a={{ ...a, step: pair.a.step_number }} b={{ ...b, step: pair.b.step_number }} />
      )}
    </>
  );
};

const SideCard = ({ side, letter }: { side: Side; letter: 'a' | 'b' }) => {
  const store = useStore(side);
  const run = store.detail.now.value.value;
  const outlines = store.outlines.now.value.value;
  return (
    <div class={`side ${letter}`}>
      <b class="l">{letter.toUpperCase()}</b>
      <div>
        <a href={href({ screen: 'run', ...side })}>
          {run?.summary.first_message ? <Shown text={run.summary.first_message} /> : `Run ${short(side.run)}`}
        </a>
        <p class="muted">
          {side.step !== undefined && (
            <>
              <b>
                Step {side.step}
                {outlines && ` of ${outlines.at(-1)?.step_number}`}
              </b>{' '}
              ·{' '}
            </>
          )}
          {run && `${day(run.started_at)}, ${time(run.started_at)}`}
          {run?.model && (
            <>
              {' '}
              ·{' '}
              <span class="mono">
                <Shown text={run.model} />
              </span>
            </>
          )}
        </p>
      </div>
    </div>
  );
};

export const CompareScreen = ({ route: { a, b } }: { route: Extract<Route, { screen: 'compare' }> }) => {
  const areSteps = a.step !== undefined && b.step !== undefined;
  const title = areSteps ? 'Compare two steps' : 'Compare two runs';
  const at = useSignal(-1);
  const go = (by: number) => {
    const all = document.querySelectorAll<HTMLElement>('[data-testid=difference]');
    at.value = Math.max(0, Math.min(all.length - 1, at.value + by));
    const target = all[at.value];
    if (!target) return;
    target.tabIndex = -1;
    target.focus();
  };
  const swap = () => choose({ screen: 'compare', a: b, b: a });
  useKeys({
    n: () => go(1),
    p: () => go(-1),
    s: swap,
    y: () => void copyText(location.href, 'The link'),
    Escape: () => back({ screen: 'run', ...b }),
  });
  return (
    <Frame
      title={title}
      crumbs={[chatCrumb(b.chat), { label: title }]}
      skip={{ to: 'd', label: 'Skip to the differences' }}
      keys={[
        ['n p', 'difference'],
        ['s', 'swap'],
        ['Esc', 'back'],
      ]}
      find={
        <button type="button" class="btn" onClick={swap}>
          <Icon name="again" />
          Swap
        </button>
      }
    >
      <div class="page mid" data-testid="compare">
        <h1 class="vh">{title}</h1>
        <section class="sides" aria-label="The two sides">
          <SideCard side={a} letter="a" />
          <SideCard side={b} letter="b" />
        </section>
        {areSteps ? <TwoSteps a={a} b={b} /> : <TwoRuns a={a} b={b} />}
      </div>
    </Frame>
  );
};
