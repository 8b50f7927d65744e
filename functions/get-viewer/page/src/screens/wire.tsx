// Over the wire: each HTTP attempt as it went, and the means to send it again.
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Refusal } from '../api.ts';
import { useKeys } from '../keys.tsx';
import { curl } from '../model/curl.ts';
import { duration, many, size } from '../model/say.ts';
import { isAt } from '../model/search.ts';
import { endOf } from '../model/waterfall.ts';
import { copyText, HttpStatus, save, Switch } from '../parts/bits.tsx';
import { BodyBox } from '../parts/body.tsx';
import { Icon } from '../parts/icon.tsx';
import { tell } from '../parts/live.tsx';
import { sought } from '../parts/sought.ts';
import { Show } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import { asRefusal, type Resource } from '../resource.ts';
import type { Place } from '../route.ts';
import { settled, type RunStore } from '../run-store.ts';
import type { Attempt, AttemptView, Outline, RunStatus, Step, StepView, WireSide } from '../types.ts';
import { ProblemView } from './back.tsx';

const REDACTED = /\[REDACTED(?::([^\]]*))?\]/;

const Headers = ({ of }: { of?: Record<string, string> }) => {
  const all = Object.entries(of ?? {});
  if (all.length === 0) return <p class="muted">No headers were recorded.</p>;
  return (
    <dl class="hd mono">
      {all.map(([name, value]) => {
        const isRedacted = REDACTED.test(value);
        return (
          <div key={name}>
            <dt>
              <Shown text={name} />
            </dt>
            <dd class={isRedacted ? 'red' : ''}>
              <Shown text={value} />
              {isRedacted && <span>a key, removed before anything was stored</span>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
};

interface AttemptProps {
  store: RunStore;
  /** The step, which is read by itself when the run's first answer has no room for it. */
  of: Resource<Step>;
  step: number;
  number: number;
  view?: AttemptView;
  isOpen: boolean;
  toggle: () => void;
  isLast: boolean;
  stepStatus?: RunStatus;
  requestBytes?: number;
  responseBytes?: number;
}

const AttemptBox = ({
  store,
  of,
  step,
  number,
  view,
  isOpen,
  toggle,
  isLast,
  stepStatus,
  requestBytes,
  responseBytes,
}: AttemptProps) => {
  const attempt = of.now.value.value?.attempts[number - 1];
  const status = attempt?.response_status ?? view?.status;
  const end = view?.outcome === 'error' ? 'failed' : endOf(status, attempt?.status, isLast ? stepStatus : undefined);
  const isWhole = end === 'completed';
  const target = attempt?.url ?? attempt?.path;
  const took = attempt?.duration_ms;
  const reason = attempt?.retry_classification ?? view?.error?.code;
  return (
    <div class={`att ${isOpen ? 'open' : ''}`} data-testid="attempt" data-attempt={number} id={`attempt-${number}`}>
      <button type="button" class="ar" aria-expanded={isOpen} onClick={toggle}>
        <Icon name={isOpen ? 'open' : 'right'} />
        <b>{number}</b>
        <HttpStatus status={status} end={end} />
        <span class={isWhole ? 'mono' : ''}>
          <Shown
            text={
              isWhole
                ? [attempt?.method, target?.replace(/^https?:\/\//, '')].filter(Boolean).join(' ')
                : [
                    reason ?? (attempt?.error ?? view?.error?.message)?.replace(/\.$/, '') ?? end,
                    !isLast &&
                      `tried again${attempt?.retry_delay_ms ? ` after ${duration(attempt.retry_delay_ms)}` : ''}`,
                  ]
                    .filter(Boolean)
                    .join(', ')
            }
          />
        </span>
        <span class="grow" />
        {took !== undefined && (
          <span class="muted">
            {duration(took)}
            {attempt?.first_byte_ms !== undefined && `, first byte ${duration(attempt.first_byte_ms)}`}
          </span>
        )}
        {requestBytes !== undefined && <span class="muted">{size(requestBytes)} sent</span>}
        {responseBytes !== undefined && <span class="muted">{size(responseBytes)} back</span>}
      </button>
      {isOpen && (
        <div class="ab">
          <Show of={of} what={`attempt ${number}`} rows={4}>
            {({ attempts }) => (
              <Inside
                store={store}
                step={step}
                number={number}
                attempt={attempts[number - 1]}
                view={view}
                hasRequest={Boolean(requestBytes)}
                hasResponse={Boolean(responseBytes)}
              />
            )}
          </Show>
        </div>
      )}
    </div>
  );
};

const Inside = ({
  store,
  step,
  number,
  attempt,
  view,
  hasRequest,
  hasResponse,
}: {
  store: RunStore;
  step: number;
  number: number;
  attempt?: Attempt;
  view?: AttemptView;
  hasRequest: boolean;
  hasResponse: boolean;
}) => {
  const side = useSignal<WireSide>('request');
  const hit = sought.value?.hit;
  const sideSought = hit && isAt(hit, { step, part: 'wire', at: number }) ? hit.side : undefined;
  useEffect(() => {
    if (sideSought) side.value = sideSought;
  }, [sideSought]);
  const line = useSignal<{ text?: string; problem?: string } | undefined>(undefined);
  const content = (of: WireSide) => `attempts/${number}/${of}`;
  const bodyOf = async (of: WireSide) => {
    const resource = store.body(step, content(of));
    if (resource.now.peek().state === 'failed') void resource.reload();
    const body = await settled(resource);
    if (!body) throw (resource.now.peek() as { refusal: Refusal }).refusal;
    return body;
  };
  const makeLine = async () => {
    try {
      const body = hasRequest ? (await bodyOf('request')).bytes : new Uint8Array();
      line.value = {
        text: curl({ method: attempt?.method, url: attempt?.url, headers: attempt?.request_headers ?? {}, body }),
      };
      await copyText(line.value.text!, 'The curl command');
    } catch (failure) {
      line.value = { problem: (failure as Error).message };
    }
  };
  const download = async (of: WireSide) => {
    try {
      const { bytes } = await bodyOf(of);
      save([bytes], `step-${step}-attempt-${number}-${of}`);
    } catch (failure) {
      tell(asRefusal(failure).message);
    }
  };
  const has = side.value === 'request' ? hasRequest : hasResponse;
  return (
    <>
      {view?.error && <ProblemView problem={view.error} />}
      {attempt?.error && attempt.error !== view?.error?.message && (
        <p class="wrong">
          The transport said: <Shown text={attempt.error} />
        </p>
      )}
      <div class="acts2">
        <button type="button" class="btn" data-testid="copy-curl" onClick={makeLine}>
          <Icon name="copy" />
          Copy as curl
        </button>
        {hasRequest && (
          <button type="button" class="btn" data-testid="download-request" onClick={() => download('request')}>
            <Icon name="down" />
            Request
          </button>
        )}
        {hasResponse && (
          <button type="button" class="btn" data-testid="download-response" onClick={() => download('response')}>
            <Icon name="down" />
            Response
          </button>
        )}
        <span class="grow" />
        <Switch
          label="Which side"
          value={side.value}
          set={(value) => (side.value = value)}
          choices={[
            { value: 'request', label: 'Request' },
            { value: 'response', label: 'Response' },
          ]}
        />
      </div>
      {line.value?.problem && (
        <p class="wrong" role="alert">
          {line.value.problem}
        </p>
      )}
      {line.value?.text && (
        <pre class="curl code" data-testid="curl" tabIndex={0} aria-label="The request as a curl command">
          {line.value.text}
        </pre>
      )}
      {side.value === 'request' && attempt?.url && (
        <p class="mono url">
          <Shown text={`${attempt.method ?? ''} ${attempt.url}`} />
        </p>
      )}
      <Headers of={side.value === 'request' ? attempt?.request_headers : attempt?.response_headers} />
      {has ? (
        <Show of={store.body(step, content(side.value))} what={`the ${side.value}`} rows={4}>
          {(body) => <BodyBox body={body} what={side.value} />}
        </Show>
      ) : (
        <p class="muted">
          {side.value === 'request'
            ? 'No body was recorded for this request.'
            : 'No body came back, or none was recorded.'}
        </p>
      )}
    </>
  );
};

export const Wire = ({
  store,
  number,
  of,
  view,
  outline,
  place,
}: {
  store: RunStore;
  number: number;
  of: Resource<Step>;
  view?: StepView;
  outline?: Outline;
  place?: Place;
}) => {
  const wanted = place?.at;
  const step = of.now.value.value;
  const total = step?.attempts.length ?? (outline ? outline.attempts.length + (outline.attempts_left_out ?? 0) : 0);
  const open = useSignal<ReadonlySet<number>>(new Set(wanted ? [wanted] : []));
  const leftOut = outline?.attempts_left_out ?? 0;
  const isRunning = outline?.status === 'in_progress';
  const pauses = step?.attempts.map((attempt) => attempt.retry_delay_ms ?? 0).filter((pause) => pause > 0) ?? [];
  const toggle = (at: number) => {
    const next = new Set(open.value);
    if (next.has(at)) next.delete(at);
    else next.add(at);
    open.value = next;
  };
  const current = useSignal(wanted ?? 0);
  const go = (by: number) => {
    current.value = Math.max(1, Math.min(total, current.value + by));
    if (!open.value.has(current.value)) toggle(current.value);
    requestAnimationFrame(() => document.querySelector<HTMLElement>(`#attempt-${current.value} .ar`)?.focus());
  };
  useKeys({ '[': () => go(-1), ']': () => go(1) });
  useEffect(() => {
    if (!wanted) return;
    open.value = new Set([...open.peek(), wanted]);
    current.value = wanted;
  }, [place]);
  return (
    <section class="part" id="wire" aria-labelledby="s3" data-testid="wire">
      <div class="ph">
        <h3 id="s3">Over the wire</h3>
        <p class="muted">
          {total === 0
            ? isRunning
              ? 'no attempt yet'
              : 'no attempt was recorded'
            : [
                many(total, 'attempt'),
                pauses.length > 0 &&
                  `${pauses.length === 1 ? 'a pause of' : `${many(pauses.length, 'pause')}, together`} ${duration(pauses.reduce((sum, pause) => sum + pause, 0))}`,
              ]
                .filter(Boolean)
                .join(', ')}
        </p>
      </div>
      {Array.from({ length: total }, (_, index) => {
        const short = outline?.attempts[index - leftOut];
        const read = view?.attempts.find((one) => one.attempt === index + 1);
        return (
          <AttemptBox
            key={index}
            store={store}
            of={of}
            step={number}
            number={index + 1}
            view={read}
            isOpen={open.value.has(index + 1)}
            toggle={() => toggle(index + 1)}
            isLast={index === total - 1}
            stepStatus={outline?.status}
            requestBytes={read?.request?.bytes ?? short?.request_bytes}
            responseBytes={read?.response?.bytes ?? short?.response_bytes}
          />
        );
      })}
      {total === 0 && !isRunning && (
        <p class="muted">
          The recorder sent none for this step: what is shown above is from the chat product's own form.
        </p>
      )}
    </section>
  );
};
