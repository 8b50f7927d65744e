// The recorded turns of a chat, newest first: filtered, followed live, and two of them chosen to be compared.
import { useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { page, type Page } from '../api.ts';
import { useKeys } from '../keys.tsx';
import { seenAnew } from '../model/runs.ts';
import { ago, count, KIND, many, short, STATUS, time, timeOfId } from '../model/say.ts';
import { copyText, Switch } from '../parts/bits.tsx';
import { chatCrumb, nameOfChat } from '../parts/chat-name.tsx';
import { Frame } from '../parts/frame.tsx';
import { Icon } from '../parts/icon.tsx';
import { useLeaving } from '../parts/leaving.ts';
import { announce, tell } from '../parts/live.tsx';
import { Panel, Show } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import { asRefusal, load } from '../resource.ts';
import { choose, href, open, type Route } from '../route.ts';
import { addressOf, leaveList, leftAt, readOn, type List } from '../run-lists.ts';
import type { Run, RunKind, RunStatus } from '../types.ts';
import { isWatched } from '../watch.ts';
import { OpenField } from './chats.tsx';
import { NotYet, Recording } from './recording.tsx';
import { Table } from './run-table.tsx';

type Chosen = Extract<Route, { screen: 'runs' }>;
/** How many runs the service looks at for one page of a filter. */
const LOOKED_AT = 1000;

const STATUSES: { value: string; label: string }[] = [
  { value: '', label: 'All' },
  ...(['in_progress', 'completed', 'error', 'interrupted'] as const).map((value) => ({ value, label: STATUS[value] })),
];
const KINDS: [string, string][] = [
  ['', 'All kinds'],
  ['chat_turn', 'Chat turns'],
  ['title_generation', 'Titles'],
  ['quickgen', 'Quick answers'],
  ['compaction', 'Compactions'],
];

const KEYS: [string, string][] = [
  ['j k', 'run'],
  ['Enter', 'open'],
  ['x', 'choose'],
  ['/', 'filter'],
];

/** By itself, since it changes each second and the rows beside it do not. */
const LiveSwitch = ({
  isLive,
  looked,
  now,
}: {
  isLive: Signal<boolean>;
  looked: number | undefined;
  now: ReadonlySignal<number>;
}) => (
  <button
    type="button"
    class="btn ghost live"
    data-testid="live"
    aria-pressed={isLive.value}
    onClick={() => (isLive.value = !isLive.value)}
  >
    <i class={isLive.value ? 'pulse' : 'off'} />
    {isLive.value ? `Live${looked === undefined ? '' : `, looked ${ago(looked, now.value)}`}` : 'Not live'}
  </button>
);

export const RunsScreen = ({ route: to }: { route: Chosen }) => {
  const address = addressOf(to);
  const [left, first] = useMemo(() => [leftAt(address), address], []);
  const list = useMemo(
    () =>
      load<List>(
        async (signal) => {
          const got = await readOn(address, signal);
          return { runs: got.items, next: got.next, tag: got.tag, looked: Date.now(), passed: got.passed };
        },
        address === first ? left?.list : undefined,
      ),
    [address],
  );
  const chosen = useSignal<readonly string[]>(left?.chosen ?? []);
  const wanted = useSignal(left?.wanted ?? '');
  const isLive = useSignal(true);
  /** The run that one is at, whatever comes above it. */
  const here = useSignal(left?.here);
  const leaving = useLeaving(address);
  const looking = useRef<Promise<void> | undefined>(undefined);
  const now = useSignal(Date.now());
  const isReading = useSignal(false);
  const field = useRef<HTMLInputElement>(null);

  const lookOnce = async () => {
    const value = list.now.peek().value;
    if (!value || !isWatched()) return;
    let first: Page<Run> | undefined;
    try {
      first = await page<Run>(address, { tag: value.tag, signal: leaving });
    } catch (failure) {
      // The chat was deleted elsewhere. Of anything else, the next look tells.
      if (asRefusal(failure).status === 404) void list.reload();
      return;
    }
    const still = list.now.peek().value;
    if (!still) return;
    if (!first) return list.set({ ...still, looked: Date.now() });
    list.set({ ...still, ...seenAnew(still, first), tag: first.tag, looked: Date.now() });
    const known = new Set(still.runs.map((run) => run.id));
    const fresh = first.items.filter((run) => !known.has(run.id));
    if (fresh.length > 0) announce(many(fresh.length, 'new run'));
  };
  // One at a time, however long the service asks to wait.
  const look = () => (looking.current ??= lookOnce().finally(() => (looking.current = undefined)));
  useEffect(() => {
    if (left) void look();
    const clock = setInterval(() => (now.value = Date.now()), 1000);
    let waited = 0;
    const poll = setInterval(() => {
      waited += 1;
      const isRunning = list.now.peek().value?.runs.some((run) => run.status === 'in_progress');
      if (isLive.peek() && waited >= (isRunning ? 2 : 5)) {
        waited = 0;
        void look();
      }
    }, 1000);
    return () => (clearInterval(clock), clearInterval(poll));
  }, [address]);

  const older = async () => {
    const value = list.now.peek().value;
    if (!value?.next || isReading.value) return;
    isReading.value = true;
    try {
      const got = await readOn(value.next, leaving);
      const latest = list.now.peek().value!;
      list.set({ ...latest, runs: [...latest.runs, ...got.items], next: got.next, passed: latest.passed + got.passed });
      announce(`${many(got.items.length, 'older run')} loaded.`);
    } catch (failure) {
      if (!leaving.aborted) tell(asRefusal(failure).message);
    }
    isReading.value = false;
  };
  const toggle = (id: string) => {
    chosen.value = chosen.value.includes(id)
      ? chosen.value.filter((other) => other !== id)
      : [...chosen.value, id].slice(-2);
  };
  const matching = (runs: readonly Run[]): readonly Run[] => {
    const text = wanted.value.toLowerCase();
    return text ? runs.filter((run) => run.summary.first_message?.toLowerCase().includes(text)) : runs;
  };
  const rows = (): readonly Run[] => matching(list.now.peek().value?.runs ?? []);
  const compare = () => {
    // A newer run's id is the greater, whether or not the filter shows it.
    const [a, b] = chosen.value.toSorted();
    if (a && b) open({ screen: 'compare', a: { chat: to.chat, run: a }, b: { chat: to.chat, run: b } });
  };
  const startOf = (id: string) => list.now.value.value?.runs.find((run) => run.id === id)?.started_at ?? timeOfId(id);
  const linkOf = (id: string | undefined) => document.querySelector<HTMLElement>(`[data-run="${id}"] .c2 a`);
  const step = (by: number) => {
    const all = rows();
    const at = all.findIndex((run) => run.id === here.value);
    here.value = all[Math.max(0, Math.min(all.length - 1, at + by))]?.id;
    linkOf(here.value)?.focus();
  };
  const isShown = (id: string | undefined): id is string => rows().some((run) => run.id === id);
  const openHere = () => {
    if (isShown(here.value)) open({ screen: 'run', chat: to.chat, run: here.value });
  };
  // It stands as it was left.
  const leave = useRef(() => {});
  leave.current = () => {
    const value = list.now.peek().value;
    const [of, text, at] = [chosen.peek(), wanted.peek(), here.peek()];
    leaveList(address, value && { list: value, chosen: of, wanted: text, here: at, scroll: scrollY });
  };
  useLayoutEffect(() => {
    if (left) {
      scrollTo(0, left.scroll);
      (linkOf(left.here) ?? document.getElementById('main'))?.focus({ preventScroll: true });
    }
    return () => leave.current();
  }, []);
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    o: openHere,
    Enter: openHere,
    c: compare,
    x: () => {
      if (isShown(here.value)) toggle(here.value);
    },
    '/': () => field.current?.focus(),
    y: () => void copyText(location.href, 'The link'),
    Escape: () => open({ screen: 'chats' }),
  });

  const name = nameOfChat(to.chat);
  const read = list.now.value;
  const isMissing = read.state === 'failed' && read.refusal.status === 404;
  const isFiltered = Boolean(to.status || to.kind);
  return (
    <Frame
      title={`Chat ${short(to.chat)}`}
      crumbs={[{ label: chatCrumb(to.chat).label }]}
      settings={href({ screen: 'settings', chat: to.chat })}
      find={<OpenField />}
      skip={{ to: 'runs', label: 'Skip to the runs' }}
      keys={isMissing ? [] : KEYS}
    >
      <div class="page">
        <section class="top">
          <div>
            <h1>Recorded turns{name && <Shown text={` of ${name}`} />}</h1>
            <p class="muted">What this chat really sent to the model, and what came back. Only you can open it.</p>
          </div>
          <Recording chat={to.chat} />
        </section>
        {!isMissing && (
          <section class="filters" aria-label="Filter">
            <div class="scroll-x">
              <Switch
                label="Status"
                choices={STATUSES}
                value={to.status ?? ''}
                set={(status) => choose({ ...to, status: status || undefined })}
              />
            </div>
            <label class="kind">
              Kind{' '}
              <select
                value={to.kind ?? ''}
                onChange={(event) => choose({ ...to, kind: event.currentTarget.value || undefined })}
              >
                {KINDS.map(([value, label]) => (
                  <option key={value} value={value} selected={value === (to.kind ?? '')}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
            <label class="find">
              <Icon name="find" />
              <span class="vh">Filter the loaded runs by their first message</span>
              <input
                ref={field}
                placeholder="Filter by first message"
                data-testid="filter-text"
                value={wanted.value}
                onInput={(event) => (wanted.value = event.currentTarget.value)}
              />
              <kbd aria-hidden="true">/</kbd>
            </label>
            <span class="grow" />
            <LiveSwitch isLive={isLive} looked={list.now.value.value?.looked} now={now} />
          </section>
        )}
        <Show of={list} what="the runs" rows={8}>
          {({ runs, next, passed }) => {
            const shown = matching(runs);
            if (runs.length === 0 && !isFiltered) return <NotYet chat={to.chat} />;
            if (runs.length === 0) {
              return (
                <Panel
                  state="no-match"
                  title={next ? `Nothing in the last ${count(passed * LOOKED_AT)} runs.` : 'No run matches.'}
                >
                  <p>
                    {[to.status && STATUS[to.status as RunStatus], to.kind && KIND[to.kind as RunKind]]
                      .filter(Boolean)
                      .join(', ')}
                  </p>
                  {next && (
                    <button type="button" class="btn" disabled={isReading.value} onClick={older}>
                      Look further
                    </button>
                  )}{' '}
                  <button type="button" class="btn" onClick={() => choose({ screen: 'runs', chat: to.chat })}>
                    Clear
                  </button>
                </Panel>
              );
            }
            return (
              <>
                {shown.length === 0 ? (
                  <Panel state="no-match" title="None of the loaded runs begins so.">
                    <button type="button" class="btn" onClick={() => (wanted.value = '')}>
                      Clear
                    </button>
                  </Panel>
                ) : (
                  <Table
                    runs={shown}
                    chosen={chosen.value}
                    toggle={toggle}
                    here={here}
                    now={now}
                    isWhole={left !== undefined}
                  />
                )}
                <p class="more">
                  {next && (
                    <button type="button" class="btn" data-testid="older" disabled={isReading.value} onClick={older}>
                      Load older runs
                    </button>
                  )}
                  <span class="faint">
                    {wanted.value
                      ? `${count(shown.length)} of the ${count(runs.length)} loaded`
                      : `${count(runs.length)} shown`}
                    {next ? '; there are more' : ''}
                  </span>
                </p>
              </>
            );
          }}
        </Show>
      </div>
      {chosen.value.length > 0 && (
        <div class="cmp" role="status">
          <Icon name="compare" />
          <b>{many(chosen.value.length, 'run')} chosen</b>
          <span class="muted times">
            {chosen.value
              .toSorted()
              .flatMap((id) => startOf(id) ?? [])
              .map(time)
              .join(' and ')}
          </span>
          {chosen.value.length === 2 ? (
            <button type="button" class="btn go" data-testid="compare-go" onClick={compare}>
              Compare <kbd aria-hidden="true">c</kbd>
            </button>
          ) : (
            <span class="muted">choose another to compare</span>
          )}
          <button type="button" class="btn ghost" onClick={() => (chosen.value = [])}>
            Clear
          </button>
        </div>
      )}
    </Frame>
  );
};
