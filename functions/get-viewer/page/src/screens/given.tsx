// What the model was given: what is new since the step before, or everything.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { useKeys } from '../keys.tsx';
import {
  isGivenKnown,
  isOfRequest,
  messageMatches,
  settingDifferences,
  toolDifferences,
  type Match,
} from '../model/difference.ts';
import { between, count, duration, many } from '../model/say.ts';
import { Fold, Switch } from '../parts/bits.tsx';
import { MessageView, roleClass } from '../parts/message.tsx';
import type { Around } from '../parts/part.tsx';
import { Some } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import type { RunStore } from '../run-store.ts';
import type { Message, Outline, StepView } from '../types.ts';
import { Settings } from './given-settings.tsx';

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

export const Given = ({ store, view, outline, outlineBefore, wanted, ...props }: Props) => {
  const before = props.before && [props.before, view].every(isGivenKnown) ? props.before : undefined;
  const isOld = wanted !== undefined && wanted <= view.messages_before;
  const isAll = useSignal(isOld);
  useEffect(() => {
    if (isOld) isAll.value = true;
  }, [isOld]);
  const matches = useMemo<Match[] | undefined>(
    () => (before ? messageMatches(before.messages, view.messages, view.messages_before) : undefined),
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

  /** Each message, or stretch of them, that is shown. */
  const shown = useMemo<(() => ComponentChildren)[]>(() => {
    if (!matches || isAll.value) {
      const known = new Set(
        matches?.flatMap((match) => (match.kind === 'added' || match.kind === 'changed' ? [match.b] : [])),
      );
      return view.messages.map((_, at) => () => draw(at, known.has(at) ? 'new' : undefined));
    }
    const drawn: (() => ComponentChildren)[] = [];
    for (let index = 0; index < matches.length; index += 1) {
      const match = matches[index]!;
      if (match.kind === 'removed') {
        drawn.push(() => (
          <MessageView
            key={`a${match.a}`}
            message={before!.messages[match.a]!}
            badge="removed"
            around={{ ...around, step: before!.step_number, messages: before!.messages }}
            note={`message ${match.a + 1} of step ${before!.step_number}`}
          />
        ));
      } else if (match.kind !== 'same') {
        drawn.push(() => draw(match.b, match.kind === 'added' ? 'new' : 'changed'));
      } else {
        const begin = index;
        while (matches[index + 1]?.kind === 'same') index += 1;
        const same = matches.slice(begin, index + 1).map((one) => (one as { b: number }).b);
        const these = same.map((at) => view.messages[at]!);
        const cachedNote =
          begin === 0 && view.tokens?.cache_read ? `; ${count(view.tokens.cache_read)} tokens came from the cache` : '';
        drawn.push(() => (
          <Fold
            key={`s${begin}`}
            summary={
              <>
                <span class="whole">{foldLabel(these, before!.step_number)}</span>
                <span class="faint">
                  <Shown text={inWords(these.filter((message) => roleClass(message.role) !== 'system'))} />
                  {cachedNote}
                </span>
              </>
            }
          >
            {() => (
              <Some of={same} what="message" as="p">
                {(at) => draw(at)}
              </Some>
            )}
          </Fold>
        ));
      }
    }
    return drawn;
  }, [matches, isAll.value, view, before]);
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
      {view.messages.length === 0 && (
        <p class="muted">No message was sent that can be read. Over the wire, and in JSON, is what there is.</p>
      )}
      <Some key={isAll.value ? 'all' : 'new'} of={shown} first={Math.max(100, wanted ?? 0)} what="message" as="p">
        {(one) => one()}
      </Some>
      {view.unread
        .filter((one) => isOfRequest(one.source))
        .map((one, place) => (
          <p key={place} class="muted">
            Not read: {one.what}. The bytes are under "Over the wire".
          </p>
        ))}
    </section>
  );
};
