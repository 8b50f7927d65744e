// What a run was and took, before its steps.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { json } from '../api.ts';
import { ago, between, cached, count, duration, fullTime, KIND, many, sumOf, time, when } from '../model/say.ts';
import { firstBytesOf, median, type Row } from '../model/waterfall.ts';
import { CacheBar, Status } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { Shown } from '../parts/text.tsx';
import { load } from '../resource.ts';
import { href } from '../route.ts';
import { type RunStore } from '../run-store.ts';
import type { ChatSettings, Outline, RunDetail } from '../types.ts';
import { Actions } from './run-actions.tsx';

const figures = (outlines: readonly Outline[], rows: readonly Row[], detail: RunDetail) => {
  const attempts = rows.flatMap((row) => row.attempts);
  // The last try of a step is not waited for: it is what came of it.
  const failed = rows.flatMap((row) => row.attempts.slice(0, -1)).filter((attempt) => attempt.end === 'failed');
  const pauses = attempts.map((attempt) => attempt.pause ?? 0).filter((pause) => pause > 0);
  const retries = rows.reduce((sum, row) => sum + Math.max(0, row.attempts.length - 1), 0);
  const firstBytes = firstBytesOf(detail.steps);
  const waited =
    failed.reduce((sum, attempt) => sum + attempt.to - attempt.from, 0) + pauses.reduce((sum, pause) => sum + pause, 0);
  // The service's sums read 0 where no step has said anything.
  const total = (of: 'input_tokens' | 'output_tokens' | 'cache_read_tokens' | 'reasoning_tokens', sum?: number) => {
    const said = outlines.length === 0 ? sum || undefined : sumOf(outlines, of);
    return said === undefined ? undefined : (sum ?? said);
  };
  return {
    attempts: attempts.length,
    failed: failed.length,
    pauses: pauses.length,
    retries,
    firstBytes,
    waited,
    total,
  };
};

const WHY: Record<ChatSettings['decided_by'], string> = {
  deployment: 'this deployment records every chat',
  gate: 'recording was open then',
  chat: 'you said always for this chat',
  user: 'you opted in',
};

/** What decides now; it may have been otherwise when this was recorded. */
const Owner = ({ chat }: { chat: string }) => {
  const settings = useMemo(() => load((signal) => json<ChatSettings>(`/${chat}/debug-logging`, { signal })), [chat]);
  const value = settings.now.value.value;
  return (
    <p class="own">
      <Icon name="lock" />
      Only you can open this.{' '}
      {value && (
        <>
          {value.effective ? 'This chat is recorded because ' : 'This chat is no longer recorded. '}
          {value.effective ? (
            <a href={href({ screen: 'settings', chat })}>{WHY[value.decided_by]}</a>
          ) : (
            <a href={href({ screen: 'settings', chat })}>Settings</a>
          )}
          {value.effective && value.override === 'inherit' && '; it has no override'}.
        </>
      )}
    </p>
  );
};

export const Head = ({
  store,
  detail,
  outlines,
}: {
  store: RunStore;
  detail: RunDetail;
  outlines: readonly Outline[];
}) => {
  const { summary } = detail;
  const took = detail.status === 'in_progress' ? undefined : between(detail.started_at, detail.finished_at);
  const rows = store.rows.value;
  const { attempts, failed, pauses, retries, firstBytes, waited, total } = useMemo(
    () => figures(outlines, rows, detail),
    [outlines, rows, detail],
  );
  const input = total('input_tokens', summary.total_input_tokens);
  const read = total('cache_read_tokens', summary.total_cache_read_tokens);
  const share = cached(read, input);
  const output = total('output_tokens', summary.total_output_tokens);
  const reasoning = total('reasoning_tokens', summary.total_reasoning_tokens);
  const first = median(firstBytes);
  return (
    <section class="head" aria-labelledby="t" data-testid="run-head">
      <div class="h-l">
        <h1 id="t">
          {summary.first_message ? (
            <Shown text={summary.first_message} />
          ) : (
            `${KIND[detail.kind]} of ${time(detail.started_at)}`
          )}
        </h1>
        <p class="facts">
          <Status of={detail.status} />
          <span>{KIND[detail.kind]}</span>
          {detail.model && (
            <span class="mono">
              <Shown text={detail.model} />
            </span>
          )}
          <span title={fullTime(detail.started_at)}>
            {when(detail.started_at)}, {ago(detail.started_at)}
          </span>
          {took !== undefined && (
            <span>
              <b>{duration(took)}</b>
            </span>
          )}
          <span>
            {many(outlines.length, 'step')}
            {attempts > 0 && attempts !== outlines.length && `, ${many(attempts, 'attempt')}`}
          </span>
          {retries > 0 && <span class="w">{many(retries, 'retry', 'retries')}</span>}
        </p>
        {detail.status === 'interrupted' && (
          <p class="own">It was interrupted: what the recorder sent until then is here.</p>
        )}
        {detail.status === 'in_progress' && <Running store={store} />}
        <Owner chat={detail.chat_id} />
      </div>
      <dl class="sum">
        {input !== undefined && (
          <div>
            <dt>Input</dt>
            <dd>{count(input)}</dd>
            <dd class="sd">
              {share !== undefined && (
                <>
                  <CacheBar read={read} input={input} /> {share} % from cache
                </>
              )}
            </dd>
          </div>
        )}
        {output !== undefined && (
          <div>
            <dt>Output</dt>
            <dd>{count(output)}</dd>
            <dd class="sd">{reasoning ? `${count(reasoning)} of it reasoning` : ''}</dd>
          </div>
        )}
        {first !== undefined && (
          <div>
            <dt>First byte</dt>
            <dd>{duration(first)}</dd>
            <dd class="sd">slowest {duration(firstBytes.at(-1)!)}</dd>
          </div>
        )}
        {waited > 0 && (
          <div>
            <dt>Waiting</dt>
            <dd>{duration(waited)}</dd>
            <dd class="sd">
              {[failed > 0 && many(failed, 'failed try', 'failed tries'), pauses > 0 && many(pauses, 'pause')]
                .filter(Boolean)
                .join(', ')}
            </dd>
          </div>
        )}
      </dl>
      <Actions store={store} />
    </section>
  );
};

const QUIET = 600_000;

const Running = ({ store }: { store: RunStore }) => {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 1000);
    return () => clearInterval(timer);
  }, []);
  const heard = Date.parse(store.detail.now.value.value?.updated_at ?? '') || now.value;
  return (
    <p class="own">
      {now.value - heard > QUIET
        ? `Nothing heard for ${duration(now.value - heard)}.`
        : `Still running; looked ${ago(store.lookedAt.value, now.value)}.`}
    </p>
  );
};
