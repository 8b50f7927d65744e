// What two steps were given and answered, and how that differs.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { lossyTextOf, sizeOf } from '../model/bytes.ts';
import {
  isGivenKnown,
  messageMatches,
  settingDifferences,
  textOfMessage,
  textOfPart,
  toolDifferences,
  type Detail,
} from '../model/difference.ts';
import { count, many, size } from '../model/say.ts';
import { Fold, Switch } from '../parts/bits.tsx';
import { roleClass } from '../parts/message.tsx';
import { Show } from '../parts/state.tsx';
import { Plain, Shown } from '../parts/text.tsx';
import { Unpacked } from '../parts/unpacked.tsx';
import { type RunStore } from '../run-store.ts';
import type { Message, StepView, WireSide } from '../types.ts';
import { detail, layout, OneSided, TextDifference } from './text-difference.tsx';

const MessageText = ({ message }: { message: Message }) => (
  <>
    <p class="faint">
      <Shown text={message.role} />
    </p>
    <Plain text={textOfMessage(message)} />
  </>
);

const SettingsPart = ({ a, b }: { a: StepView; b: StepView }) => {
  const differences = settingDifferences(a.parameters, b.parameters);
  const all = new Set([...a.parameters, ...b.parameters].map(({ name }) => name)).size;
  return (
    <>
      <h2>
        Settings{' '}
        <small>
          {differences.length === 0
            ? all === 0
              ? 'none'
              : `${count(all)} the same`
            : `${differences.length} of ${all} ${differences.length === 1 ? 'differs' : 'differ'}`}
        </small>
      </h2>
      {differences.map(({ name, a: one, b: other }) =>
        (one?.length ?? 0) + (other?.length ?? 0) > 200 ? (
          <div key={name}>
            <p class="mono faint">
              <Shown text={name} />
            </p>
            <TextDifference a={one ?? ''} b={other ?? ''} isCode />
          </div>
        ) : (
          <div key={name} class={layout.value === 'two' ? 'row2 mono' : 'row1 mono'} data-testid="difference">
            <div class={one === undefined ? '' : 'gone'}>
              <span class="faint">
                <Shown text={name} />
              </span>{' '}
              {one === undefined ? (
                <span class="faint">not set</span>
              ) : (
                <del>
                  <Shown text={one} />
                </del>
              )}
            </div>
            <div class={other === undefined ? '' : 'come'}>
              <span class="faint">
                <Shown text={name} />
              </span>{' '}
              {other === undefined ? (
                <span class="faint">not set</span>
              ) : (
                <ins>
                  <Shown text={other} />
                </ins>
              )}
            </div>
          </div>
        ),
      )}
    </>
  );
};

const ToolsPart = ({ a, b }: { a: StepView; b: StepView }) => {
  const differences = toolDifferences(a.tools, b.tools);
  const same = a.tools.length - differences.filter((pair) => pair.a !== undefined).length;
  const [onlyA, onlyB] = [
    differences.filter((pair) => pair.b === undefined).length,
    differences.filter((pair) => pair.a === undefined).length,
  ];
  const changed = differences.length - onlyA - onlyB;
  if (a.tools.length + b.tools.length === 0) return null;
  return (
    <>
      <h2>
        Tools{' '}
        <small>
          {[
            same > 0 && `${count(same)} the same`,
            changed > 0 && `${changed} changed`,
            onlyA > 0 && `${onlyA} only in A`,
            onlyB > 0 && `${onlyB} only in B`,
          ]
            .filter(Boolean)
            .join(', ')}
        </small>
      </h2>
      {differences.map(({ name, a: one, b: other }) => {
        if (one !== undefined && other !== undefined)
          return (
            <div key={name}>
              <p class="mono">
                <Shown text={name} />
              </p>
              <TextDifference a={one} b={other} isCode />
            </div>
          );
        const text = (one ?? other)!;
        return (
          <OneSided key={name} side={one === undefined ? 'b' : 'a'} other="not offered">
            <span class="mono">
              {one === undefined ? (
                <ins>
                  <Shown text={name} />
                </ins>
              ) : (
                <del>
                  <Shown text={name} />
                </del>
              )}{' '}
              <span class="faint">{size(sizeOf(text))}</span>
            </span>
          </OneSided>
        );
      })}
    </>
  );
};

const isPrompt = (message: Message): boolean => roleClass(message.role) === 'system';

const MessagesPart = ({ a, b }: { a: StepView; b: StepView }) => {
  const prompts = [a, b].map((view) => view.messages.filter(isPrompt).map(textOfMessage).join('\n\n'));
  const [restA, restB] = [
    a.messages.filter((message) => !isPrompt(message)),
    b.messages.filter((message) => !isPrompt(message)),
  ];
  const matches = useMemo(() => messageMatches(restA, restB), [a, b]);
  const counts = { same: 0, changed: 0, removed: 0, added: 0 };
  for (const match of matches) counts[match.kind] += 1;
  const said = [
    counts.same > 0 && `${count(counts.same)} the same`,
    counts.changed > 0 && `${counts.changed} changed`,
    counts.removed > 0 && `${counts.removed} only in A`,
    counts.added > 0 && `${counts.added} only in B`,
  ]
    .filter(Boolean)
    .join(', ');
  const drawn: ComponentChildren[] = [];
  for (let index = 0; index < matches.length; index += 1) {
    const match = matches[index]!;
    if (match.kind === 'same') {
      const begin = index;
      while (matches[index + 1]?.kind === 'same') index += 1;
      drawn.push(
        <Fold key={index} summary={`${many(index - begin + 1, 'message')} the same`}>
          {() =>
            matches.slice(begin, index + 1).map((one, at) => (
              <div key={at} class="row1">
                <MessageText message={restA[(one as { a: number }).a]!} />
              </div>
            ))
          }
        </Fold>,
      );
    } else if (match.kind === 'changed') {
      drawn.push(
        <div key={index}>
          <p class="faint">
            <Shown text={restA[match.a]!.role} />
          </p>
          <TextDifference a={textOfMessage(restA[match.a]!)} b={textOfMessage(restB[match.b]!)} />
        </div>,
      );
    } else if (match.kind === 'removed')
      drawn.push(
        <OneSided key={index} side="a">
          <MessageText message={restA[match.a]!} />
        </OneSided>,
      );
    else
      drawn.push(
        <OneSided key={index} side="b">
          <MessageText message={restB[match.b]!} />
        </OneSided>,
      );
  }
  return (
    <>
      <h2>
        System prompt <small>{prompts[0] === prompts[1] ? (prompts[0] ? 'the same' : 'none') : 'differs'}</small>
      </h2>
      {prompts[0] !== prompts[1] && <TextDifference a={prompts[0]!} b={prompts[1]!} />}
      <h2>
        Messages <small>{said || 'none'}</small>
      </h2>
      {drawn}
    </>
  );
};

const answerText = (view: StepView): string =>
  view.answer.map((choice) => choice.parts.map(textOfPart).join('\n\n')).join('\n\n');

const AnswersPart = ({ a, b }: { a: StepView; b: StepView }) => {
  const [one, other] = [answerText(a), answerText(b)];
  return (
    <>
      <h2>
        Answers <small>{one === other ? 'the same' : 'differ'}</small>
      </h2>
      {one === other ? (
        <div class="row1">
          <Plain text={one} />
        </div>
      ) : (
        <TextDifference a={one} b={other} />
      )}
    </>
  );
};

const lastAttempt = (view: StepView, of: WireSide) => view.attempts.findLast((attempt) => attempt[of])?.attempt;

const BytesPart = ({ a, b, stores }: { a: StepView; b: StepView; stores: [RunStore, RunStore] }) => {
  const side = useSignal<WireSide>('request');
  const [one, other] = [lastAttempt(a, side.value), lastAttempt(b, side.value)];
  return (
    <>
      <h2>
        Bytes{' '}
        <Switch
          label="Which side"
          value={side.value}
          set={(value) => (side.value = value)}
          choices={[
            { value: 'request', label: 'Requests' },
            { value: 'response', label: 'Responses' },
          ]}
        />
      </h2>
      {one === undefined || other === undefined ? (
        <p class="note">
          {one === undefined && other === undefined ? 'Neither has' : one === undefined ? 'A has not' : 'B has not'}{' '}
          recorded one.
        </p>
      ) : (
        <Show of={stores[0].body(a.step_number, `attempts/${one}/${side.value}`)} what="the bytes of A">
          {(bodyA) => (
            <Show of={stores[1].body(b.step_number, `attempts/${other}/${side.value}`)} what="the bytes of B">
              {(bodyB) => (
                <Unpacked body={bodyA}>
                  {(plainA) => (
                    <Unpacked body={bodyB}>
                      {(plainB) => (
                        <>
                          <p class="note">To be compared, lines are broken behind commas.</p>
                          <TextDifference a={byLines(plainA)} b={byLines(plainB)} isCode />
                        </>
                      )}
                    </Unpacked>
                  )}
                </Unpacked>
              )}
            </Show>
          )}
        </Show>
      )}
    </>
  );
};

/** JSON on one line would differ as a whole: a break behind each comma outside of strings makes lines of it, which is said. */
const byLines = (bytes: Uint8Array): string =>
  lossyTextOf(bytes).replace(/"(?:[^"\\]|\\.)*"|,/g, (piece) => (piece === ',' ? ',\n' : piece));

type Tab = 'given' | 'answers' | 'bytes';

export const StepDifferences = ({ a, b, stores }: { a: StepView; b: StepView; stores: [RunStore, RunStore] }) => {
  const tab = useSignal<Tab>('given');
  const unknown = [isGivenKnown(a) ? '' : 'A', isGivenKnown(b) ? '' : 'B'].filter(Boolean);
  const given = useMemo(
    () =>
      unknown.length === 0
        ? settingDifferences(a.parameters, b.parameters).length +
          toolDifferences(a.tools, b.tools).length +
          messageMatches(a.messages, b.messages).filter((match) => match.kind !== 'same').length
        : 0,
    [a, b],
  );
  const tabs: [Tab, string, number][] = [
    ['given', 'Given', given],
    ['answers', 'Answers', answerText(a) === answerText(b) ? 0 : 1],
    ['bytes', 'Bytes', 0],
  ];
  return (
    <>
      <div class="tabs" role="group" aria-label="What is compared">
        {tabs.map(([of, label, differing]) => (
          <button
            key={of}
            type="button"
            class="tab"
            data-testid={`compare-${of}`}
            aria-pressed={tab.value === of}
            onClick={() => (tab.value = of)}
          >
            {label}{' '}
            {differing > 0 && (
              <b>
                {count(differing)}
                <span> {differing === 1 ? 'differs' : 'differ'}</span>
              </b>
            )}
          </button>
        ))}
        <span class="grow" />
        <Switch
          label="Layout"
          value={layout.value}
          set={(value) => (layout.value = value)}
          choices={[
            { value: 'two', label: 'Side by side' },
            { value: 'one', label: 'One column' },
          ]}
        />
        <Switch<Detail>
          label="Detail"
          value={detail.value}
          set={(value) => (detail.value = value)}
          choices={[
            { value: 'words', label: 'Words' },
            { value: 'lines', label: 'Lines' },
          ]}
        />
      </div>
      <section id="d" tabIndex={-1} aria-label="Differences">
        {tab.value === 'given' && unknown.length > 0 && (
          <p class="note">What {unknown.join(' and ')} was given cannot be read. "Bytes" compares what was sent.</p>
        )}
        {tab.value === 'given' && unknown.length === 0 && (
          <>
            <SettingsPart a={a} b={b} />
            <ToolsPart a={a} b={b} />
            <MessagesPart a={a} b={b} />
          </>
        )}
        {tab.value === 'answers' && <AnswersPart a={a} b={b} />}
        {tab.value === 'bytes' && <BytesPart a={a} b={b} stores={stores} />}
      </section>
    </>
  );
};
