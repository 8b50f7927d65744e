// Search in a run: over what is loaded, the step in view first, and over the rest when it is asked for.
import { computed, signal, useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../keys.tsx';
import { count, many, size } from '../model/say.ts';
import { LARGEST, patternOf, search, type Found, type Hit } from '../model/search.ts';
import { Icon } from '../parts/icon.tsx';
import { useLeaving } from '../parts/leaving.ts';
import { tell } from '../parts/live.tsx';
import { Shown } from '../parts/text.tsx';
import { asRefusal } from '../resource.ts';
import { choose } from '../route.ts';
import { bodiesOf, bytesOf, settled, type RunStore } from '../run-store.ts';
import type { Outline } from '../types.ts';

export const useSearch = (store: RunStore, chosen: { readonly value: number | undefined }) =>
  useMemo(() => {
    const text = signal('');
    const isCase = signal(false);
    const isPattern = signal(false);
    const found = signal<Found | undefined>(undefined);
    const isBusy = signal(false);
    const problem = signal<string | undefined>(undefined);
    const stepsWithHits = computed<ReadonlySet<number>>(() => new Set(found.value?.hits.map((hit) => hit.step)));
    let aborting = new AbortController();
    const run = async () => {
      aborting.abort();
      const mine = (aborting = new AbortController());
      problem.value = undefined;
      let pattern: RegExp | undefined;
      try {
        pattern = patternOf({ text: text.value, isCase: isCase.value, isPattern: isPattern.value });
      } catch {
        problem.value = 'This is no regular expression.';
      }
      isBusy.value = pattern !== undefined;
      if (!pattern) return void (found.value = undefined);
      const views = [...store.read.peek().values()];
      const here = chosen.value;
      const order = [
        ...views.filter((view) => view.step_number === here),
        ...views.filter((view) => view.step_number !== here),
      ];
      const say = (said: Found) => !mine.signal.aborted && (found.value = said);
      const attempts = (step: number) => store.stepOf(step)?.attempts ?? [];
      await search(order, pattern, say, mine.signal, attempts, (step) => store.bodyTexts(step));
      if (!mine.signal.aborted) isBusy.value = false;
    };
    return { text, isCase, isPattern, found, isBusy, problem, stepsWithHits, run };
  }, [store]);

export type Search = ReturnType<typeof useSearch>;

/** Closes what was found, and goes on with what one reads. */
const leave = (isOpen: Signal<boolean>): void => {
  isOpen.value = false;
  document.getElementById('step')?.focus({ preventScroll: true });
};

export const SearchField = ({ search: of, isOpen }: { search: Search; isOpen: Signal<boolean> }) => {
  const field = useRef<HTMLInputElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useKeys({ '/': () => field.current?.select() });
  const input = (text: string) => {
    of.text.value = text;
    isOpen.value = text !== '';
    of.isBusy.value = text !== '';
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void of.run(), 120);
  };
  return (
    <label class="find">
      <Icon name="find" />
      <span class="vh">Search in this run</span>
      <input
        ref={field}
        type="search"
        placeholder="Search in this run"
        autocomplete="off"
        spellcheck={false}
        data-testid="search"
        value={of.text.value}
        onInput={(event) => input(event.currentTarget.value)}
        onFocus={() => (isOpen.value = of.text.value !== '')}
        onKeyDown={(event) => {
          // It leaves the search, not the run.
          if (event.key === 'Escape') (event.stopPropagation(), leave(isOpen));
          if (event.key === 'Enter')
            (event.preventDefault(),
              document
                .querySelector<HTMLElement>(event.shiftKey ? '.hits li:last-child button' : '.hits li button')
                ?.focus());
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
};

const HitRow = ({ hit, open }: { hit: Hit; open: () => void }) => (
  <li>
    <button type="button" data-testid="hit" onClick={open}>
      <span class="faint">
        step {hit.step}, {hit.label}
      </span>
      <span class="around">
        <Shown text={hit.before} />
        <mark>
          <Shown text={hit.found} />
        </mark>
        <Shown text={hit.after} />
      </span>
    </button>
  </li>
);

export const Hits = ({
  store,
  search: of,
  isOpen,
  total,
  here,
}: {
  store: RunStore;
  search: Search;
  isOpen: Signal<boolean>;
  total: number;
  /** The step in view. */
  here?: Outline;
}) => {
  const reading = useSignal<number | undefined>(undefined);
  const leaving = useLeaving(store);
  const list = useRef<HTMLOListElement>(null);
  const limit = useSignal(100);
  useEffect(() => void (limit.value = 100), [of.text.value]);
  const move = (by: number) => {
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLElement);
    buttons[Math.max(0, Math.min(buttons.length - 1, at + by))]?.focus();
  };
  const openHit = (hit: Hit) =>
    choose({ screen: 'run', chat: store.chat, run: store.run, step: hit.step, part: { name: hit.part, at: hit.at } });
  const readAll = async () => {
    reading.value = store.read.value.size;
    const say = (failure: unknown) => !leaving.aborted && tell(asRefusal(failure).message);
    await store.readAll((steps) => (reading.value = steps), leaving).catch(say);
    reading.value = undefined;
    await of.run();
  };
  const readBodies = async () => {
    for (const { content } of bodiesOf(here)) await settled(store.body(here!.step_number, content));
    await of.run();
  };
  const found = of.found.value;
  if (!isOpen.value || of.text.value === '') return null;
  const loaded = store.read.value.size;
  const outlines = store.outlines.now.value.value ?? [];
  const unread = outlines.filter((step) => !store.read.value.has(step.step_number));
  const bodies = outlines.reduce((sum, step) => sum + bodiesOf(step).length, 0);
  const leftOut = [...store.read.value.values()].reduce((sum, view) => sum + (view.left_out ?? 0), 0);
  const ofHere = bodiesOf(here).filter(({ content }) => !store.hasBody(here!.step_number, content));
  return (
    <section
      class="hits"
      aria-label="What was found"
      aria-busy={of.isBusy.value}
      data-testid="hits"
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') (event.preventDefault(), move(1));
        if (event.key === 'ArrowUp') (event.preventDefault(), move(-1));
        if (event.key === 'Escape') (event.stopPropagation(), leave(isOpen));
      }}
    >
      <div class="hh">
        <b data-testid="hit-count">{of.problem.value ?? (found ? many(found.total, 'hit') : 'searching')}</b>
        {found && found.total > LARGEST && <span class="muted">the first {count(LARGEST)} are listed</span>}
        <span class="grow" />
        <label class="check">
          <input
            type="checkbox"
            checked={of.isCase.value}
            onChange={(event) => ((of.isCase.value = event.currentTarget.checked), void of.run())}
          />
          Case
        </label>
        <label class="check">
          <input
            type="checkbox"
            checked={of.isPattern.value}
            onChange={(event) => ((of.isPattern.value = event.currentTarget.checked), void of.run())}
          />
          Regular expression
        </label>
        <button type="button" class="btn ghost xs" aria-label="Close the search" onClick={() => leave(isOpen)}>
          <Icon name="cross" />
        </button>
      </div>
      {loaded < total && (
        <p class="muted">
          {count(loaded)} of {many(total, 'step')} searched.{' '}
          {reading.value === undefined ? (
            <button type="button" class="btn" data-testid="search-all" onClick={readAll}>
              Search all, {size(unread.reduce((sum, step) => sum + bytesOf(step), 0))} more
            </button>
          ) : (
            `Reading, ${count(reading.value)} steps`
          )}
        </p>
      )}
      {found && !of.isBusy.value && found.bodies < bodies && (
        <p class="muted">
          Of {many(bodies, 'body', 'bodies')} as sent, {count(found.bodies)} searched: those that are loaded.{' '}
          {leftOut > 0 && `${size(leftOut)} of text had no room in an answer, and stand there alone. `}
          {ofHere.length > 0 && (
            <button type="button" class="btn" data-testid="search-bodies" onClick={readBodies}>
              Search those of step {here!.step_number} too, {size(ofHere.reduce((sum, { bytes }) => sum + bytes, 0))}
            </button>
          )}
        </p>
      )}
      <ol ref={list}>
        {found?.hits.slice(0, limit.value).map((hit, place) => (
          <HitRow key={place} hit={hit} open={() => openHit(hit)} />
        ))}
      </ol>
      {found && found.hits.length > limit.value && (
        <button type="button" class="btn ghost" onClick={() => (limit.value = LARGEST)}>
          {many(found.hits.length - limit.value, 'more hit')}
        </button>
      )}
    </section>
  );
};
