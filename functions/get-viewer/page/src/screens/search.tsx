// Search in a run: over what is loaded, the step in view first, and over the rest when it is asked for.
import { batch, computed, signal, useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../keys.tsx';
import { count, many, size } from '../model/say.ts';
import { LARGEST, patternOf, search, turnOf, type Found, type Hit } from '../model/search.ts';
import { Icon } from '../parts/icon.tsx';
import { useLeaving } from '../parts/leaving.ts';
import { announce, tell } from '../parts/live.tsx';
import { sought } from '../parts/sought.ts';
import { Shown } from '../parts/text.tsx';
import { asRefusal } from '../resource.ts';
import { choose } from '../route.ts';
import { bodiesOf, bytesOf, settled, type RunStore } from '../run-store.ts';
import type { Outline } from '../types.ts';

/** So long after a step was read it is searched. */
const SOON = 300;

export const useSearch = (store: RunStore, chosen: { readonly value: number | undefined }) => {
  useEffect(() => () => void (sought.value = undefined), [store]);
  return useMemo(() => {
    const text = signal('');
    const isCase = signal(false);
    const isPattern = signal(false);
    const found = signal<Found | undefined>(undefined);
    const isBusy = signal(false);
    const problem = signal<string | undefined>(undefined);
    const stepsWithHits = computed<ReadonlySet<number>>(() => new Set(found.value?.hits.map((hit) => hit.step)));
    /** The place of the hit that one went to last, and whether one has gone there just now. */
    const current = signal({ place: -1, isNew: false });
    let aborting = new AbortController();
    let pattern: RegExp | undefined;
    let [searched, first] = [store.read.peek(), undefined as number | undefined];
    /** Searches; again, when steps were read meanwhile, without taking away what was found. */
    const run = async (isAgain = false) => {
      aborting.abort();
      const mine = (aborting = new AbortController());
      problem.value = undefined;
      pattern = undefined;
      try {
        pattern = patternOf({ text: text.value, isCase: isCase.value, isPattern: isPattern.value });
      } catch {
        problem.value = 'This is no regular expression.';
      }
      isBusy.value = pattern !== undefined && (isBusy.value || !isAgain);
      if (!pattern) return void (found.value = undefined);
      if (!isAgain) [first, current.value, sought.value] = [chosen.value, { place: -1, isNew: false }, undefined];
      searched = store.read.peek();
      const views = [...searched.values()];
      const order = [
        ...views.filter((view) => view.step_number === first),
        ...views.filter((view) => view.step_number !== first),
      ];
      const say = (said: Found) => !mine.signal.aborted && !isAgain && (found.value = said);
      const attempts = (step: number) => store.stepOf(step)?.attempts ?? [];
      const all = await search(order, pattern, say, mine.signal, attempts, (step) => store.bodyTexts(step));
      if (mine.signal.aborted) return;
      isBusy.value = false;
      if (!isAgain) return;
      // What is found anew may stand before the hit that one is at.
      const here = JSON.stringify(found.peek()?.hits[current.peek().place]);
      const place = here ? all.hits.findIndex((hit) => JSON.stringify(hit) === here) : -1;
      batch(() => ([found.value, current.value] = [all, { place, isNew: false }]));
    };
    /** Searches what was read since it last did. */
    const renew = () => void (text.peek() !== '' && searched !== store.read.peek() && run(true));
    const goTo = (place: number) => {
      const hits = found.peek()?.hits ?? [];
      const hit = hits[place];
      if (!hit || !pattern) return;
      sought.value = { hit, turn: turnOf(hits, place), pattern };
      current.value = { place, isNew: true };
      const { step, part: name, at } = hit;
      choose({ screen: 'run', chat: store.chat, run: store.run, step, part: { name, at } });
    };
    /** Goes to the next hit, or by -1 to the one before; behind the last is the first. */
    const go = (by: 1 | -1) => {
      const total = found.peek()?.hits.length ?? 0;
      const { place } = current.peek();
      goTo(place < 0 && by < 0 ? total - 1 : (place + by + total) % total);
    };
    return { text, isCase, isPattern, found, isBusy, problem, stepsWithHits, current, run, renew, go, goTo };
  }, [store]);
};

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
          if (event.key === 'Enter') (event.preventDefault(), of.go(event.shiftKey ? -1 : 1));
        }}
      />
      <kbd aria-hidden="true">/</kbd>
    </label>
  );
};

const HitRow = ({ hit, isCurrent, open }: { hit: Hit; isCurrent: boolean; open: () => void }) => (
  <li>
    <button type="button" data-testid="hit" aria-current={isCurrent ? 'true' : undefined} onClick={open}>
      <span class="faint">
        step {hit.step}, <Shown text={hit.label} />
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
  const panel = useRef<HTMLElement>(null);
  const limit = useSignal(100);
  useEffect(() => void (limit.value = 100), [of.text.value]);
  const isShown = isOpen.value && of.text.value !== '';
  // What is scrolled to begins below it.
  useEffect(() => {
    const shown = panel.current;
    if (!shown) return;
    const measure = () => shown.parentElement?.style.setProperty('--hits', `${shown.offsetHeight}px`);
    const grows = new ResizeObserver(measure);
    grows.observe(shown);
    return () => grows.disconnect();
  }, [isShown]);
  const buttons = () => [...(panel.current?.querySelectorAll<HTMLElement>('li button') ?? [])];
  const focused = () => buttons().indexOf(document.activeElement as HTMLElement);
  const focus = (place: number) => {
    const button = buttons()[place];
    if (!button || !panel.current) return;
    // The list is scrolled to it, and the page, which is where the hit is, is not.
    button.focus({ preventScroll: true });
    const [at, frame] = [button.getBoundingClientRect(), panel.current.getBoundingClientRect()];
    const top = panel.current.firstElementChild!.getBoundingClientRect().bottom;
    if (at.bottom > frame.bottom) panel.current.scrollTop += at.bottom - frame.bottom;
    else if (at.top < top) panel.current.scrollTop += at.top - top;
  };
  const move = (by: number) => focus(Math.max(0, Math.min(buttons().length - 1, focused() + by)));
  const current = of.current.value;
  useEffect(() => {
    if (current.place >= limit.value) limit.value = LARGEST;
    if (!current.isNew && focused() < 0) return;
    const { activeElement } = document;
    // Whoever has moved on meanwhile is left there.
    const isLeft = () => document.activeElement !== activeElement && document.activeElement !== document.body;
    requestAnimationFrame(() => isLeft() || focus(current.place));
  }, [current]);
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
  const read = store.read.value;
  useEffect(() => {
    if (!isOpen.value || reading.value !== undefined) return;
    const timer = setTimeout(of.renew, SOON);
    return () => clearTimeout(timer);
  }, [read, isOpen.value]);
  const said = of.isBusy.value || !found ? undefined : many(found.total, 'hit');
  useEffect(() => {
    if (isOpen.value && said) announce(said);
  }, [said, isOpen.value]);
  if (!isShown) return null;
  const searched = found?.steps ?? 0;
  const outlines = store.outlines.now.value.value ?? [];
  const unread = outlines.filter((step) => !read.has(step.step_number));
  const bodies = outlines.reduce((sum, step) => sum + bodiesOf(step).length, 0);
  const leftOut = [...read.values()].reduce((sum, view) => sum + (view.left_out ?? 0), 0);
  const ofHere = bodiesOf(here).filter(({ content }) => !store.hasBody(here!.step_number, content));
  return (
    <section
      ref={panel}
      class="hits"
      aria-label="What was found"
      aria-busy={of.isBusy.value}
      data-testid="hits"
      onKeyDown={(event) => {
        if (event.key === 'ArrowDown') (event.preventDefault(), move(1));
        if (event.key === 'ArrowUp') (event.preventDefault(), move(-1));
        if (event.key === 'Escape') (event.stopPropagation(), leave(isOpen));
        // On another hit than the one that one is at, Enter leads there, as a click does.
        if (event.key === 'Enter' && focused() >= 0 && (event.shiftKey || focused() === current.place))
          (event.preventDefault(), of.go(event.shiftKey ? -1 : 1));
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
      {(unread.length > 0 || (!of.isBusy.value && searched < total)) && (
        <p class="muted">
          {count(searched)} of {many(total, 'step')} searched.{' '}
          {reading.value !== undefined ? (
            `Reading, ${count(reading.value)} steps`
          ) : unread.length > 0 ? (
            <button type="button" class="btn" data-testid="search-all" onClick={readAll}>
              Search all, {size(unread.reduce((sum, step) => sum + bytesOf(step), 0))} more
            </button>
          ) : null}
        </p>
      )}
      {found && !of.isBusy.value && found.bodies < bodies && (
        <p class="muted">
          Raw bodies: {count(found.bodies)} of {count(bodies)} searched.{' '}
          {leftOut > 0 && `${size(leftOut)} of text had no room in an answer, and stand there alone. `}
          {ofHere.length > 0 && (
            <button type="button" class="btn" onClick={readBodies}>
              Search those of step {here!.step_number} too, {size(ofHere.reduce((sum, { bytes }) => sum + bytes, 0))}
            </button>
          )}
        </p>
      )}
      <ol>
        {found?.hits.slice(0, limit.value).map((hit, place) => (
          <HitRow key={place} hit={hit} isCurrent={place === current.place} open={() => of.goTo(place)} />
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
