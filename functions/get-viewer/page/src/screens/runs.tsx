// The recorded turns of a chat, newest first: filtered, followed live, and two of them chosen to be compared.
import { useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { page, type Page } from '../api.ts';
import { useKeys } from '../keys.tsx';
import { seenAnew } from '../model/runs.ts';
import { ago, count, KIND, many, short, STATUS, time } from '../model/say.ts';
import { copyText, Switch } from '../parts/bits.tsx';
import { Frame } from '../parts/frame.tsx';
import { Icon } from '../parts/icon.tsx';
import { announce, tell } from '../parts/live.tsx';
import { Panel, Refused, Show, Waiting } from '../parts/state.tsx';
import { asRefusal, load } from '../resource.ts';
import { choose, href, open, type Route } from '../route.ts';
import type { Run, RunKind, RunStatus } from '../types.ts';
import { isWatched } from '../watch.ts';
import { OpenField } from './chats.tsx';
import { NotYet, Recording } from './recording.tsx';
import { Table } from './run-table.tsx';

type Chosen = Extract<Route, { screen: 'runs' }>;
interface List {
  runs: Run[];
  next?: string;
  tag?: string;
  looked: number;
  passed: number;
}

/** How many pages without a match are gone through before it asks. */
const EMPTY_PAGES = 3;
/** How many runs the service looks at for one page of a filter. */
const LOOKED_AT = 1000;

const addressOf = ({ chat, status, kind }: Chosen): string => {
  const query = new URLSearchParams();
  if (status) query.set('status', status);
  if (kind) query.set('kind', kind);
  return `/${chat}/debug/runs${query.size ? `?${query}` : ''}`;
};

/** Reads on until something matches, there is no more, or it has looked at enough. */
const readOn = async (from: string, signal?: AbortSignal): Promise<Page<Run> & { passed: number }> => {
  let next: string | undefined = from;
  let passed = 0;
  for (;;) {
    const got: Page<Run> | undefined = await page<Run>(next, { signal });
    passed += 1;
    next = got?.next;
    if (got && (got.items.length > 0 || !next || passed === EMPTY_PAGES)) return { ...got, passed };
    if (!next) return { items: [], passed };
  }
};

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
  const list = useMemo(
    () =>
      load<List>(async (signal) => {
        const got = await readOn(address, signal);
        return { runs: got.items, next: got.next, tag: got.tag, looked: Date.now(), passed: got.passed };
      }),
    [address],
  );
  const chosen = useSignal<readonly string[]>([]);
  const wanted = useSignal('');
  const isLive = useSignal(true);
  const here = useSignal(-1);
  const now = useSignal(Date.now());
  const isReading = useSignal(false);
  const field = useRef<HTMLInputElement>(null);

  const look = async () => {
    const value = list.now.peek().value;
    if (!value || !isWatched()) return;
    let first: Page<Run> | undefined;
    try {
      first = await page<Run>(address, { tag: value.tag });
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
  useEffect(() => {
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
      const got = await readOn(value.next);
      const latest = list.now.peek().value!;
      list.set({ ...latest, runs: [...latest.runs, ...got.items], next: got.next, passed: latest.passed + got.passed });
      announce(`${many(got.items.length, 'older run')} loaded.`);
    } catch (failure) {
      tell(asRefusal(failure).message);
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
    const [a, b] = rows()
      .filter((run) => chosen.value.includes(run.id))
      .toReversed();
    if (a && b) open({ screen: 'compare', a: { chat: to.chat, run: a.id }, b: { chat: to.chat, run: b.id } });
  };
  const step = (by: number) => {
    here.value = Math.max(0, Math.min(rows().length - 1, here.value + by));
    const link = document.querySelectorAll<HTMLElement>('[data-testid=run-row] .c2 a')[here.value];
    link?.focus();
  };
  const openHere = () => {
    const run = rows()[here.value];
    if (run) open({ screen: 'run', chat: to.chat, run: run.id });
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    o: openHere,
    Enter: openHere,
    c: compare,
    x: () => {
      const run = rows()[here.value];
      if (run) toggle(run.id);
    },
    '/': () => field.current?.focus(),
    y: () => void copyText(location.href, 'The link'),
    Escape: () => (document.activeElement === field.current ? field.current?.blur() : open({ screen: 'chats' })),
  });

  const isFiltered = Boolean(to.status || to.kind);
  return (
    <Frame
      title={`Chat ${short(to.chat)}`}
      crumbs={[
        {
          label: (
            <>
              Chat <span class="mono">{short(to.chat)}</span>
            </>
          ),
        },
      ]}
      settings={href({ screen: 'settings', chat: to.chat })}
      find={<OpenField />}
      skip={{ to: 'runs', label: 'Skip to the runs' }}
      keys={[
        ['j k', 'run'],
        ['Enter', 'open'],
        ['x', 'choose'],
        ['/', 'filter'],
      ]}
    >
      <div class="page">
        <section class="top">
          <div>
            <h1>Recorded turns</h1>
            <p class="muted">What this chat really sent to the model, and what came back. Only you can open it.</p>
          </div>
          <Recording chat={to.chat} />
        </section>
        <section class="tools" aria-label="Filter">
          <div data-testid="filter-status" class="scroll-x">
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
              data-testid="filter-kind"
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
                  <Table runs={shown} chosen={chosen.value} toggle={toggle} here={here} now={now} />
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
            {rows()
              .filter((run) => chosen.value.includes(run.id))
              .map((run) => time(run.started_at))
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

/** The run that a chat product's message came from: the newest that it triggered. */
export const MessageScreen = ({ route: to }: { route: Extract<Route, { screen: 'message' }> }) => {
  const found = useMemo(
    () =>
      load(async (signal) => {
        const got = await readOn(`/${to.chat}/debug/runs?trigger_message_id=${encodeURIComponent(to.message)}`, signal);
        const run = got.items[0];
        if (run) choose({ screen: 'run', chat: to.chat, run: run.id });
        return run;
      }),
    [to.chat, to.message],
  );
  const now = found.now.value;
  return (
    <Frame
      title="A message's run"
      crumbs={[
        {
          label: (
            <>
              Chat <span class="mono">{short(to.chat)}</span>
            </>
          ),
          to: href({ screen: 'runs', chat: to.chat }),
        },
      ]}
    >
      <div class="page narrow">
        <h1>The run of message {to.message}</h1>
        {now.state === 'loading' && <Waiting what="the run of this message" />}
        {now.state === 'failed' && <Refused refusal={now.refusal} retry={found.reload} />}
        {now.state === 'ready' && !now.value && (
          <Panel state="empty" title="No run came from this message.">
            <p>
              Perhaps it was not recorded. <a href={href({ screen: 'runs', chat: to.chat })}>All runs of this chat</a>
            </p>
          </Panel>
        )}
      </div>
    </Frame>
  );
};
