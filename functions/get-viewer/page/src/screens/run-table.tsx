// The runs of a chat as rows, by the reader's days.
import { useComputed, useSignal, type ReadonlySignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { between, cached, count, day, duration, fullTime, KIND, many, time } from '../model/say.ts';
import { signed } from '../model/text.ts';
import { CacheBar, Status } from '../parts/bits.tsx';
import { Shown } from '../parts/text.tsx';
import { href } from '../route.ts';
import type { Run, RunStatus } from '../types.ts';

const BAR: Record<RunStatus, string> = { in_progress: 'live pulse', completed: '', error: 'bad', interrupted: 'cut' };

const RunRow = ({
  run,
  longest,
  isChosen,
  toggle,
  isHere,
  goHere,
  now,
}: {
  run: Run;
  longest: number;
  isChosen: boolean;
  toggle: () => void;
  isHere: ReadonlySignal<boolean>;
  goHere: () => void;
  now: number;
}) => {
  const { summary, status } = run;
  const took =
    status === 'in_progress' ? Math.max(0, now - Date.parse(run.started_at)) : between(run.started_at, run.finished_at);
  const share = cached(summary.total_cache_read_tokens, summary.total_input_tokens);
  const isSettled = summary.step_count !== undefined;
  // The service's sums read 0 where no step has said anything; whoever is asked or answers takes some.
  const hasUsage = Boolean(summary.total_input_tokens || summary.total_output_tokens);
  const title = summary.first_message ?? (run.kind === 'compaction' ? 'History was summed up' : 'No first message');
  return (
    <tr
      class={`${isChosen ? 'sel' : ''} ${isHere.value ? 'here' : ''}`}
      data-testid="run-row"
      data-run={run.id}
      onFocusIn={goHere}
    >
      <td class="c0">
        <input
          type="checkbox"
          data-testid="run-choose"
          aria-label={`Choose the run of ${time(run.started_at)} to compare`}
          checked={isChosen}
          onChange={toggle}
        />
      </td>
      <td class="c1">
        <Status of={status} />
      </td>
      <td class="c2">
        <div>
          <a
            class={summary.first_message ? '' : 'faint'}
            href={href({ screen: 'run', chat: run.chat_id, run: run.id })}
            title={title.length > 80 ? signed(title) : undefined}
          >
            <Shown text={title} />
          </a>
          {run.kind !== 'chat_turn' && <span class="tag">{KIND[run.kind].toLowerCase()}</span>}
        </div>
        <p>
          <span title={fullTime(run.started_at)}>{time(run.started_at)}</span>
          {run.model && (
            <span class="mono">
              <Shown text={run.model} />
            </span>
          )}
          {isSettled && <span>{many(summary.step_count!, 'step')}</span>}
          {summary.has_error && status !== 'error' && <span class="why">a step failed</span>}
        </p>
      </td>
      <td class="c3">
        {took !== undefined && (
          <>
            <span class="dur" aria-hidden="true">
              <i class={BAR[status]} style={{ width: `${Math.min(100, Math.max(2, (100 * took) / longest))}%` }} />
            </span>
            <span class="num2">{duration(took)}</span>
          </>
        )}
      </td>
      <td class="num c4">
        {!isSettled ? <span class="faint">when it ends</span> : hasUsage && count(summary.total_input_tokens ?? 0)}
      </td>
      <td class="c5">
        {isSettled && share !== undefined && (
          <>
            <CacheBar read={summary.total_cache_read_tokens} input={summary.total_input_tokens} />
            <span class="pc">{share} %</span>
          </>
        )}
      </td>
      <td class="num c6">{isSettled && hasUsage && count(summary.total_output_tokens ?? 0)}</td>
    </tr>
  );
};

/** How many rows are made in one task, so that the page answers between them; a window shows no more. */
const PIECE = 20;

/** How many of so many rows are there by now: the first at once, the others piece by piece behind them, or all. */
const useGrowing = (total: number, isWhole: boolean): number => {
  const made = useSignal(isWhole ? total : PIECE);
  useEffect(() => {
    if (made.value >= total) return;
    const timer = setTimeout(() => (made.value += PIECE));
    return () => clearTimeout(timer);
  }, [made.value, total]);
  return made.value;
};

export const Table = ({
  runs,
  chosen,
  toggle,
  here,
  now,
  isWhole,
}: {
  runs: readonly Run[];
  chosen: readonly string[];
  toggle: (id: string) => void;
  /** The run that one is at. */
  here: Signal<string | undefined>;
  now: ReadonlySignal<number>;
  /** Whether all rows are needed at once: somebody comes back to one far below. */
  isWhole: boolean;
}) => {
  const clock = runs.some((run) => run.status === 'in_progress') ? now.value : 0;
  // One that nobody ended would leave the others no length.
  const longest = Math.max(
    1,
    ...runs.map((run) => (run.status === 'in_progress' ? 0 : (between(run.started_at, run.finished_at) ?? 0))),
  );
  const made = useGrowing(runs.length, isWhole);
  return (
    <table id="runs" class="runs" tabIndex={-1}>
      <caption class="vh">Runs of this chat, newest first</caption>
      <thead>
        <tr>
          <th class="c0" scope="col">
            <span class="vh">Compare</span>
          </th>
          <th scope="col">Status</th>
          <th scope="col">Turn</th>
          <th scope="col">Took</th>
          <th scope="col" class="num">
            Input tokens
          </th>
          <th scope="col">From cache</th>
          <th scope="col" class="num">
            Output
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.slice(0, made).flatMap((run, place) => {
          const of = day(run.started_at);
          const isNewDay = place === 0 || day(runs[place - 1]!.started_at) !== of;
          const row = (
            <Placed
              key={run.id}
              run={run}
              here={here}
              longest={longest}
              isChosen={chosen.includes(run.id)}
              toggle={() => toggle(run.id)}
              now={run.status === 'in_progress' ? clock : 0}
            />
          );
          return isNewDay
            ? [
                <tr key={`day ${of}`} class="day">
                  <th colSpan={7} scope="rowgroup">
                    {of}
                  </th>
                </tr>,
                row,
              ]
            : [row];
        })}
      </tbody>
    </table>
  );
};

const Placed = ({
  here,
  ...row
}: {
  run: Run;
  here: Signal<string | undefined>;
  longest: number;
  isChosen: boolean;
  toggle: () => void;
  now: number;
}) => {
  const { id } = row.run;
  const isHere = useComputed(() => here.value === id);
  return <RunRow {...row} isHere={isHere} goHere={() => (here.value = id)} />;
};
