// What the model was given: what is new since the step before, or everything.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { useKeys } from '../keys.tsx';
import { messageMatches, settingDifferences, textOfMessage, toolDifferences, type Match } from '../model/difference.ts';
import { between, count, duration, many, size } from '../model/say.ts';
import { CopyButton, Fold, Switch } from '../parts/bits.tsx';
import { PartView, type Around } from '../parts/part.tsx';
import { Shown } from '../parts/text.tsx';
import { JsonBox } from '../parts/tree.tsx';
import { href } from '../route.ts';
import type { RunStore } from '../run-store.ts';
import type { Message, Outline, PartOf, StepView } from '../types.ts';

const ROLES: Record<string, string> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'asst',
  model: 'asst',
  tool: 'tool',
  function: 'tool',
};
export const roleClass = (role: string): string => ROLES[role] ?? 'other';

/** A message, with its place and what is special about it. */
export const MessageView = ({
  message,
  number,
  badge,
  around,
  note,
}: {
  message: Message;
  number?: number;
  badge?: 'new' | 'changed' | 'removed';
  around: Around;
  note?: string;
}) => {
  const results = message.parts.filter((part) => part.type === 'tool_result') as PartOf<'tool_result'>[];
  const names = [...new Set(results.map((part) => part.name).filter(Boolean))];
  return (
    <div class={`msg ${roleClass(message.role)} ${badge ?? ''}`} data-message={number}>
      <div class="mh">
        <b>{message.role}</b>
        {message.name && (
          <span class="muted">
            <Shown text={message.name} />
          </span>
        )}
        {names.map((name) => (
          <code key={name}>
            <Shown text={name!} />
          </code>
        ))}
        <span class="faint">{[number && `message ${number}`, note].filter(Boolean).join(', ')}</span>
        {badge && <span class={`badge ${badge}`}>{badge}</span>}
        <span class="grow" />
        <CopyButton label={number ? `message ${number}` : 'the message'} text={() => textOfMessage(message)} />
      </div>
      {message.parts.length === 0 ? (
        <p class="muted">An empty message.</p>
      ) : (
        message.parts.map((part, place) => (
          <PartView key={place} part={part} around={{ ...around, isModels: roleClass(message.role) === 'asst' }} />
        ))
      )}
    </div>
  );
};

const Tools = ({ view, before }: { view: StepView; before?: StepView }) => {
  const differences = new Map(
    (before ? toolDifferences(before.tools, view.tools) : []).map((pair) => [pair.name, pair]),
  );
  const gone = [...differences.values()].filter((pair) => pair.b === undefined);
  return (
    <ul class="toollist">
      {view.tools.map((tool) => {
        const pair = differences.get(tool.name);
        return (
          <li key={tool.name}>
            <Fold
              summary={
                <>
                  <code>
                    <Shown text={tool.name} />
                  </code>
                  {pair && <span class="badge">{pair.a === undefined ? 'new' : 'changed'}</span>}
                  <span class="faint">{tool.description?.slice(0, 160)}</span>
                </>
              }
            >
              {() => <JsonBox text={tool.raw} label={`the tool ${tool.name}`} />}
            </Fold>
          </li>
        );
      })}
      {gone.map(({ name, a }) => (
        <li key={`gone ${name}`}>
          <Fold
            summary={
              <>
                <del>
                  <Shown text={name} />
                </del>
                <span class="faint">no longer offered</span>
              </>
            }
          >
            {() => <JsonBox text={a!} label={`the tool ${name}`} />}
          </Fold>
        </li>
      ))}
    </ul>
  );
};

const Settings = ({ view, before }: { view: StepView; before?: StepView }) => {
  const areToolsOpen = useSignal(false);
  const differences = new Map(
    (before ? settingDifferences(before.parameters, view.parameters) : []).map((pair) => [pair.name, pair]),
  );
  const gone = [...differences.values()].filter((pair) => pair.b === undefined);
  const value = (text: string) => {
    const bare = /^"[\w.:/ -]*"$/.test(text) ? text.slice(1, -1) : text;
    return bare.length > 80 ? `${bare.slice(0, 80)}… ${size(text.length)}` : bare;
  };
  const long = view.parameters.filter((parameter) => parameter.value.length > 80);
  return (
    <>
      <div class="set mono">
        {view.parameters.length === 0 && view.tools.length === 0 && gone.length === 0 && (
          <span class="muted">No settings.</span>
        )}
        {view.parameters.map(({ name, value: now }) => {
          const pair = differences.get(name);
          return (
            <span key={name} class="one">
              <span class="faint">
                <Shown text={name} />
              </span>{' '}
              {pair ? (
                <>
                  {pair.a !== undefined && (
                    <>
                      <del>
                        <Shown text={value(pair.a)} />
                      </del>{' '}
                    </>
                  )}
                  <ins>
                    <Shown text={value(now)} />
                  </ins>
                </>
              ) : (
                <Shown text={value(now)} />
              )}
            </span>
          );
        })}
        {gone.map(({ name, a }) => (
          <span key={`gone ${name}`} class="one">
            <del>
              <Shown text={`${name} ${value(a!)}`} />
            </del>
          </span>
        ))}
        {view.parameters.some((parameter) => parameter.left_out) && (
          <span class="one muted">some are too large for this answer; JSON has them</span>
        )}
        {view.tools.length > 0 && (
          <span class="one">
            <button
              type="button"
              class="link"
              aria-expanded={areToolsOpen.value}
              onClick={() => (areToolsOpen.value = !areToolsOpen.value)}
            >
              {many(view.tools.length, 'tool')}
            </button>
          </span>
        )}
      </div>
      {long.map(({ name, value: text }) => (
        <Fold
          key={name}
          summary={
            <>
              <code>
                <Shown text={name} />
              </code>
              <span class="faint">{size(text.length)}</span>
            </>
          }
        >
          {() => <JsonBox text={text} label={`the setting ${name}`} />}
        </Fold>
      ))}
      {areToolsOpen.value && <Tools view={view} before={before} />}
    </>
  );
};

/** What a stretch of messages holds, in words. */
const inWords = (messages: readonly Message[]): string => {
  const counts = new Map<string, number>();
  for (const message of messages) {
    const name = roleClass(message.role) === 'tool' ? 'tool result' : message.role;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, number]) => (number === 1 ? name : many(number, name))).join(', ');
};

const foldLabel = (messages: readonly Message[], step: number | undefined): string => {
  const prompts = messages.filter((message) => roleClass(message.role) === 'system').length;
  const others = messages.length - prompts;
  const parts = [
    prompts > 0 && (prompts === 1 ? 'System prompt' : many(prompts, 'system prompt')),
    others > 0 && many(others, 'message'),
  ].filter(Boolean);
  return `${parts.join(' and ')} as in step ${step}`;
};

/** Which text the messages were read from. */
const originOf = (view: StepView): string => {
  const source = view.messages.at(-1)?.parts[0]?.source;
  if (source?.in !== 'request') return "from the recorder's form";
  return `from the bytes${view.attempts.length > 1 ? ` of attempt ${source.attempt}` : ''}`;
};

interface Props {
  store: RunStore;
  view: StepView;
  before?: StepView;
  outline?: Outline;
  outlineBefore?: Outline;
  wanted?: number;
}

export const Given = ({ store, view, before, outline, outlineBefore, wanted }: Props) => {
  const isOld = wanted !== undefined && wanted <= view.messages_before;
  const isAll = useSignal(isOld);
  useEffect(() => {
    if (isOld) isAll.value = true;
  }, [isOld]);
  const matches = useMemo<Match[] | undefined>(
    () => (before ? messageMatches(before.messages, view.messages) : undefined),
    [before, view],
  );
  const settings = before ? settingDifferences(before.parameters, view.parameters).length : 0;
  const tools = before ? toolDifferences(before.tools, view.tools).length : 0;
  const pause = between(outlineBefore?.finished_at, outline?.started_at);
  const around: Around = {
    store,
    step: view.step_number,
    messages: view.messages,
    isModels: false,
    elsewhere: undefined,
  };
  const number = useSignal(0);
  const step = (by: number) => {
    const all = document.querySelectorAll<HTMLElement>('#sent .msg');
    number.value = Math.max(0, Math.min(all.length - 1, number.value + by));
    const target = all[number.value];
    if (!target) return;
    target.tabIndex = -1;
    target.focus();
  };
  useKeys({ n: () => step(1), p: () => step(-1) });

  const note = (message: Message): string | undefined => {
    const isAnswer =
      before &&
      message.parts.some(
        (part) =>
          part.type === 'tool_result' &&
          before.answer.some((choice) => choice.parts.some((call) => call.type === 'tool_call' && call.id === part.id)),
      );
    return isAnswer
      ? `answers step ${before.step_number}'s call${pause === undefined ? '' : ` within ${duration(pause)}`}`
      : undefined;
  };
  const draw = (at: number, badge?: 'new' | 'changed') => (
    <MessageView
      key={`b${at}`}
      message={view.messages[at]!}
      number={at + 1}
      badge={badge}
      around={around}
      note={note(view.messages[at]!)}
    />
  );

  const messages = () => {
    if (view.messages.length === 0)
      return <p class="muted">No message was sent that can be read. Over the wire, and in JSON, is what there is.</p>;
    if (!matches || isAll.value) {
      const known = new Set(
        matches
          ?.filter((match) => match.kind !== 'same' && match.kind !== 'removed')
          .map((match) => (match as { b: number }).b),
      );
      return view.messages.map((_, at) => draw(at, known.has(at) ? 'new' : undefined));
    }
    const drawn = [];
    for (let index = 0; index < matches.length; index += 1) {
      const match = matches[index]!;
      if (match.kind === 'removed') {
        drawn.push(
          <MessageView
            key={`a${match.a}`}
            message={before!.messages[match.a]!}
            badge="removed"
            around={{ ...around, step: before!.step_number, messages: before!.messages }}
            note={`message ${match.a + 1} of step ${before!.step_number}`}
          />,
        );
      } else if (match.kind !== 'same') {
        drawn.push(draw(match.b, match.kind === 'added' ? 'new' : 'changed'));
      } else {
        const begin = index;
        while (matches[index + 1]?.kind === 'same') index += 1;
        const same = matches.slice(begin, index + 1).map((one) => (one as { b: number }).b);
        const these = same.map((at) => view.messages[at]!);
        const cachedNote =
          begin === 0 && view.tokens?.cache_read ? `; ${count(view.tokens.cache_read)} tokens came from the cache` : '';
        drawn.push(
          <Fold
            key={`s${begin}`}
            summary={
              <>
                {foldLabel(these, before!.step_number)}{' '}
                <span class="faint">
                  {inWords(these.filter((message) => roleClass(message.role) !== 'system'))}
                  {cachedNote}
                </span>
              </>
            }
          >
            {() => same.map((at) => draw(at))}
          </Fold>,
        );
      }
    }
    return drawn;
  };
  const fresh = matches?.filter((match) => match.kind === 'added').length ?? 0;
  const changed = matches?.filter((match) => match.kind === 'changed').length ?? 0;
  const removed = matches?.filter((match) => match.kind === 'removed').length ?? 0;
  const differs = [
    changed && `${many(changed, 'message')} changed`,
    removed && `${many(removed, 'message')} removed`,
    settings && `${many(settings, 'setting')} ${settings === 1 ? 'differs' : 'differ'}`,
    tools && `${many(tools, 'tool')} ${tools === 1 ? 'differs' : 'differ'}`,
  ].filter(Boolean);
  return (
    <section class="part" id="sent" aria-labelledby="s1" data-testid="given">
      <div class="ph">
        <h3 id="s1">What the model was given</h3>
        {before ? (
          <p class="muted">
            <b class={fresh > 0 ? 'new' : ''}>{fresh > 0 ? many(fresh, 'new message') : 'No new message'}</b> since step{' '}
            {before.step_number}
            {differs.length > 0 && `, ${differs.join(', ')}`}; {originOf(view)}
          </p>
        ) : (
          <p class="muted">
            {many(view.messages.length, 'message')}
            {view.messages.length > 0 && `, ${originOf(view)}`}
          </p>
        )}
        <span class="grow" />
        {before && (
          <Switch
            label="What is shown"
            value={isAll.value ? 'all' : 'new'}
            set={(value) => (isAll.value = value === 'all')}
            choices={[
              { value: 'new', label: 'What is new', testid: 'given-new' },
              { value: 'all', label: 'Everything', testid: 'given-all' },
            ]}
          />
        )}
      </div>
      <Settings view={view} before={before} />
      {messages()}
      {view.unread
        .filter((one) => one.source.in === 'request' || one.source.in === 'normalized_request')
        .map((one, place) => (
          <p key={place} class="muted">
            Not read: {one.what}. The bytes are under "Over the wire".
          </p>
        ))}
    </section>
  );
};

/** The link that opens a place of a step. */
export const stepLink = (store: RunStore, step: number): string =>
  href({ screen: 'run', chat: store.chat, run: store.run, step });
