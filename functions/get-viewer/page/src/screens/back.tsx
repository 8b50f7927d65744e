// What came back: the answer put together, the events that brought it, and the bytes.
import { signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { textOfPart } from '../model/difference.ts';
import { count, many, size } from '../model/say.ts';
import { toolUses } from '../model/tools.ts';
import { CopyButton, Fold } from '../parts/bits.tsx';
import { Bytes, Events } from '../parts/body.tsx';
import { marked, PartView, type Around } from '../parts/part.tsx';
import { isSought } from '../parts/sought.ts';
import { Show, Some } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import { Tree } from '../parts/tree.tsx';
import { Unpacked } from '../parts/unpacked.tsx';
import { stepLink } from '../route.ts';
import type { RunStore } from '../run-store.ts';
import type { AttemptView, Choice, Content, Part, Problem, StepView, Tokens } from '../types.ts';

const STREAMS = new Set(['sse', 'lines', 'array', 'amazon']);
const MEANS: Record<string, string> = {
  length: 'it reached a limit of tokens',
  filter: 'something was held back',
  paused: 'it goes on when it is asked to',
  error: 'it failed',
};

/** What went wrong: the provider's own message, and its object below. */
export const ProblemView = ({ problem }: { problem: Problem }) => (
  <div class="problem" role="group" aria-label="What went wrong">
    <p>
      <b>
        <Shown text={problem.message || 'What it said has no room in this answer. "JSON" has it.'} />
      </b>
      {problem.code && (
        <>
          {' '}
          <code>
            <Shown text={problem.code} />
          </code>
        </>
      )}
    </p>
    {problem.raw && (
      <Fold class="more" summary="as the provider said it" isOpen={isSought(problem.raw)}>
        {() => (
          <div class="box">
            <Tree text={problem.raw!} />
          </div>
        )}
      </Fold>
    )}
  </div>
);

/** The attempt whose answer is shown: the last that brought a body. */
const answeringAttempt = (view: StepView): AttemptView | undefined =>
  view.attempts.findLast((attempt) => attempt.response !== undefined && attempt.response.bytes > 0);

const ChoiceView = ({
  choice,
  around,
  isOnly,
  hasEvents,
}: {
  choice: Choice;
  around: Around;
  isOnly: boolean;
  hasEvents: boolean;
}) => (
  <div class="choice">
    {!isOnly && (
      <p class="faint">
        {choice.id ? (
          <>
            answer to{' '}
            <code>
              <Shown text={choice.id} />
            </code>
          </>
        ) : (
          `answer ${choice.index + 1}`
        )}
      </p>
    )}
    {choice.parts.length === 0 && <p class="muted">An empty answer.</p>}
    <Some of={choice.parts} first={200} what="part" as="p">
      {(part, place) => {
        const isChosen = marked.value === part.source;
        const choose = () => (marked.value = isChosen ? undefined : part.source);
        return (
          <div key={place} class={`passage ${isChosen ? 'chosen' : ''}`}>
            <PartView part={part} around={around} />
            {hasEvents && part.source.events && (
              <button type="button" class="from" aria-pressed={isChosen} onClick={choose}>
                {eventsLabel(part)}
              </button>
            )}
          </div>
        );
      }}
    </Some>
  </div>
);

const eventsLabel = ({ source }: Part): string => {
  const ranges = source.events ?? [];
  const number = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return number === 1
    ? `event ${ranges[0]!.first}`
    : `${count(number)} events, ${ranges[0]!.first} to ${ranges.at(-1)!.last}`;
};

const noAnswer = ({ outcome }: StepView, isRunning: boolean): string => {
  if (isRunning) return 'No answer yet; it is still running.';
  return outcome === 'completed' ? 'No answer was recorded for this step.' : 'Nothing came back before it ended.';
};

type Pane = 'answer' | 'events' | 'bytes';

/** What is open stays so from step to step. Where there is room, events stand beside the answer. */
const panes = signal<ReadonlySet<Pane>>(
  new Set(matchMedia('(min-width: 1181px)').matches ? ['answer', 'events'] : ['answer']),
);

const panesOf = (wished: ReadonlySet<Pane>, isStream: boolean, hasBody: boolean): ReadonlySet<Pane> => {
  const open = new Set([...wished].filter((pane) => pane === 'answer' || (hasBody && (pane === 'bytes' || isStream))));
  return open.size > 0 ? open : new Set(['answer']);
};

interface Props {
  store: RunStore;
  view: StepView;
  isRunning: boolean;
  wanted?: number;
}

export const CameBack = ({ store, view, isRunning, wanted }: Props) => {
  const attempt = answeringAttempt(view);
  const packing = attempt?.response?.packing;
  // A browser unpacks gzip and deflate; of another body the service has read the events, and the page has but its bytes.
  const isStream =
    attempt?.response !== undefined &&
    STREAMS.has(attempt.response.framing) &&
    packing !== 'zstd' &&
    packing !== 'brotli';
  const open = panesOf(panes.value, isStream, attempt !== undefined);
  useEffect(() => {
    if (wanted && isStream) panes.value = new Set([...panes.peek(), 'events']);
  }, [wanted, isStream]);
  useEffect(() => () => void (marked.value = undefined), []);
  // A marked passage shows its events; the first of them comes into view.
  useEffect(() => {
    if (!marked.value?.events) return;
    if (isStream && !panes.peek().has('events')) panes.value = new Set([...panes.value, 'events']);
    requestAnimationFrame(() => document.querySelector('.ev li.hov')?.scrollIntoView({ block: 'nearest' }));
  }, [marked.value]);
  const toggle = (pane: Pane) => {
    const next = new Set(open);
    if (next.has(pane)) next.delete(pane);
    else next.add(pane);
    panes.value = next.size > 0 ? next : new Set([pane]);
  };
  const uses = useMemo(() => toolUses([...store.read.value.values()]).uses, [store.read.value]);
  const elsewhere = (part: Content) => {
    if (part.type !== 'tool_call' || part.is_hosted) return null;
    const use = uses.find((one) => one.step === view.step_number && one.call === part);
    if (!use?.result) return <span class="faint">no result in this run</span>;
    return (
      <a href={stepLink(store, use.result.step)}>
        result in step {use.result.step}
        {use.isByOrder ? ', by order' : ''}
      </a>
    );
  };
  const around: Around = { store, step: view.step_number, messages: view.messages, isModels: true, elsewhere };
  const finish = view.answer.map((choice) => choice.finish).find(Boolean);
  const response = attempt?.response;
  const isFromBytes = view.answer.some((choice) => choice.parts.some((part) => part.source.in === 'response'));
  const hasParts = view.answer.some((choice) => choice.parts.length > 0);
  const buttons: [Pane, string][] = [
    ['answer', 'Answer'],
    ...(isStream ? [['events', 'Events'] as [Pane, string]] : []),
    ...(response ? [['bytes', 'Bytes'] as [Pane, string]] : []),
  ];
  const says = [
    isStream && response?.events !== undefined && (
      <>
        put together from <b>{many(response.events, 'event')}</b>, {size(response.bytes)}
      </>
    ),
    !isStream && response && isFromBytes && <>from {size(response.bytes)}</>,
    hasParts && !isFromBytes && <>from the recorder's form</>,
    finish && (
      <>
        ended with{' '}
        <code>
          <Shown text={finish.said} />
        </code>
        {MEANS[finish.meaning] && `: ${MEANS[finish.meaning]}`}
      </>
    ),
  ].filter(Boolean);
  const content = `attempts/${attempt?.attempt}/response`;
  return (
    <section class="part" id="back" aria-labelledby="s2" data-testid="came-back">
      <div class="ph">
        <h3 id="s2">What came back</h3>
        <p class="muted">
          {says.map((one, place) => (
            <span key={place}>
              {place > 0 && '; '}
              {one}
            </span>
          ))}
        </p>
        {hasParts && (
          <CopyButton
            label="the answer"
            text={() => view.answer.flatMap((choice) => choice.parts.map(textOfPart)).join('\n\n')}
          />
        )}
        {buttons.length > 1 && (
          <div class="seg" role="group" aria-label="How the answer is shown">
            {buttons.map(([pane, label]) => (
              <button
                key={pane}
                type="button"
                aria-pressed={open.has(pane)}
                data-testid={`back-${pane}`}
                onClick={() => toggle(pane)}
              >
                {label}
              </button>
            ))}
          </div>
        )}
      </div>
      {view.error && <ProblemView problem={view.error} />}
      <div class={open.size > 1 ? 'two' : ''}>
        {open.has('answer') && (
          <div class="ans">
            {!hasParts && !view.error && <p class="muted">{noAnswer(view, isRunning)}</p>}
            {view.answer.map((choice, place) => (
              <ChoiceView
                key={place}
                choice={choice}
                around={around}
                isOnly={view.answer.length === 1}
                hasEvents={isStream}
              />
            ))}
            {view.outcome === 'interrupted' && hasParts && !isRunning && <p class="cutoff">Here it was cut off.</p>}
            {view.unread
              .filter((one) => one.source.in === 'response' || one.source.in === 'normalized_response')
              .map((one, place) => (
                <p key={place} class="muted">
                  Not read: {one.what}.
                </p>
              ))}
          </div>
        )}
        {open.has('events') && attempt && isStream && (
          <Show of={store.body(view.step_number, content)} what="the events" rows={6}>
            {(body) => (
              <Unpacked body={body}>
                {(plain) => <Events bytes={plain} framing={response!.framing} wanted={wanted} />}
              </Unpacked>
            )}
          </Show>
        )}
        {open.has('bytes') && attempt && (
          <Show of={store.body(view.step_number, content)} what="the bytes" rows={4}>
            {(body) => (
              <div class="code">
                <Unpacked body={body}>{(plain) => <Bytes bytes={plain} />}</Unpacked>
              </div>
            )}
          </Show>
        )}
      </div>
      {view.tokens && <TokensLine of={view.tokens} />}
    </section>
  );
};

const COUNTS: [Exclude<keyof Tokens, 'given'>, string][] = [
  ['input', 'given'],
  ['cache_read', 'of it from cache'],
  ['cache_creation', 'of it written to cache'],
  ['output', 'answered'],
  ['reasoning', 'of it reasoning'],
  ['total', 'together, as the provider says'],
];

/** The counts by this service's names, and as they were given. */
const TokensLine = ({ of }: { of: Tokens }) => (
  <div class="tokens">
    <Fold
      class="more"
      summary={
        <>
          tokens:{' '}
          {COUNTS.flatMap(([name, what]) => (of[name] === undefined ? [] : [`${count(of[name])} ${what}`])).join(', ')}
        </>
      }
    >
      {() => (
        <div class="box">
          <span class="cap">as they were given</span>
          <Tree text={of.given} />
        </div>
      )}
    </Fold>
  </div>
);
