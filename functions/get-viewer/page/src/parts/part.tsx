// A part of a message or of an answer, as a person reads it or as it was sent.
import { signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { lossyTextOf } from '../model/bytes.ts';
import { eventsOf } from '../model/frames.ts';
import { childrenOf, kindOf, root, saidBy, type Range } from '../model/json.ts';
import { isSafe } from '../model/markdown.ts';
import { count, many, size } from '../model/say.ts';
import { signed } from '../model/text.ts';
import { callOf } from '../model/tools.ts';
import type { RunStore } from '../run-store.ts';
import type { Content, Framing, Message, Part, PartOf, Source } from '../types.ts';
import { Fold, save } from './bits.tsx';
import { Icon } from './icon.tsx';
import { isSought } from './sought.ts';
import { Show } from './state.tsx';
import { Outside, Plain, Readable, Shown } from './text.tsx';
import { Tree } from './tree.tsx';
import { Unpacked } from './unpacked.tsx';

/** Whether text is shown to be read, or as it was sent. */
export const isReadable = signal(true);

/** The passage that is chosen, whose events are marked. */
export const marked = signal<Source | undefined>(undefined);

export interface Around {
  store: RunStore;
  step: number;
  /** The messages of the step, in which calls are looked up. */
  messages: readonly Message[];
  /** Whether the model wrote it. */
  isModels: boolean;
  /** Whether a tool did, whose columns and indents say something. */
  isTools?: boolean;
  /** Where the result of a call, or the call of a result, is. */
  elsewhere?: (part: Content) => ComponentChildren;
}

const whereFrom = ({ in: where, attempt, bytes }: Source): string => {
  const text =
    where === 'normalized_request' || where === 'normalized_response'
      ? "the recorder's form"
      : `attempt ${attempt}'s ${where}`;
  return bytes ? `${text}, bytes ${count(bytes.start)} to ${count(bytes.end)}` : text;
};

/** What the events of a part said, one behind the other. */
const eventTexts = (bytes: Uint8Array, framing: Framing, source: Source): string =>
  eventsOf(bytes, framing)
    .filter((_, place) => isMarked(source, place + 1))
    .map(({ data }) => data)
    .join('\n');

/** The source of a part: its own bytes, or its events. */
const AsSent = ({ source, store, step }: { source: Source; store: RunStore; step: number }) => {
  const { bytes, attempt, events } = source;
  const framing = store.read.value.get(step)?.attempts.find((one) => one.attempt === attempt)?.response?.framing;
  const textOf = (plain: Uint8Array): string => {
    if (events && framing) return eventTexts(plain, framing, source);
    return lossyTextOf(bytes ? plain.subarray(bytes.start, bytes.end) : plain);
  };
  return (
    <div class="as-sent">
      <p class="faint">from {whereFrom(source)}</p>
      <Show of={store.bodyOf(step, source)} what="the bytes" rows={2}>
        {(body) => <Unpacked body={body}>{(plain) => <Tree text={textOf(plain)} />}</Unpacked>}
      </Show>
    </div>
  );
};

/** A larger result of a tool begins folded. */
const LARGEST_RESULT = 20_000;

const isJson = (text: string): boolean => /^\s*[[{]/.test(text) && root(text) !== undefined;

const Text = ({ text, around: { isModels, isTools } }: { text: string; around: Around }) => {
  if (isModels) return <Readable text={text} />;
  // What a tool answered may be all that it has.
  const largest = isTools ? LARGEST_RESULT : undefined;
  return isJson(text) ? (
    <Tree text={text} largest={largest} />
  ) : (
    <Plain text={text} isCode={isTools} largest={largest} />
  );
};

/** The longest text within a value: of media it is the content. */
const longestText = (text: string, range: Range): Range | undefined => {
  const kind = kindOf(text, range);
  if (kind === 'string') return range;
  if (kind !== 'object' && kind !== 'array') return undefined;
  let longest: Range | undefined;
  for (const child of childrenOf(text, range)) {
    const found = longestText(text, child);
    if (found && (!longest || found.to - found.from > longest.to - longest.from)) longest = found;
  }
  return longest;
};

const mediaBytes = (text: string): Uint8Array<ArrayBuffer> | undefined => {
  const whole = root(text);
  const content = whole && longestText(text, whole);
  if (!content) return undefined;
  const said = saidBy(text, content)
    .replace(/^data:[^,]*,/, '')
    .replace(/\s+/g, '')
    .replace(/-/g, '+')
    .replace(/_/g, '/');
  try {
    return Uint8Array.from(atob(said), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
};

const SHOWN_IMAGES = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;

const Medium = ({ bytes, part }: { bytes: Uint8Array<ArrayBuffer>; part: PartOf<'media'> }) => {
  const url = useSignal('');
  const type = part.media_type ?? 'application/octet-stream';
  useEffect(() => {
    url.value = URL.createObjectURL(new Blob([bytes], { type }));
    return () => URL.revokeObjectURL(url.peek());
  }, [bytes]);
  const isBroken = useSignal(false);
  const fail = () => (isBroken.value = true);
  if (!url.value) return null;
  if (isBroken.value) return <p class="muted">Nothing that this browser can show, {size(bytes.length)}.</p>;
  if (SHOWN_IMAGES.test(type))
    return <img src={url.value} alt={signed(part.name ?? 'The image of this message')} onError={fail} />;
  if (part.kind === 'audio') return <audio controls src={url.value} onError={fail} />;
  if (part.kind === 'video') return <video controls src={url.value} onError={fail} />;
  return (
    <button
      type="button"
      class="btn"
      onClick={() => save([bytes], `${part.kind}.${type.split('/')[1]?.replace(/\W.*/, '') ?? 'bin'}`)}
    >
      <Icon name="down" />
      Save
    </button>
  );
};

const Media = ({ part, around }: { part: PartOf<'media'>; around: Around }) => (
  <div class="media">
    <p>
      <b>{part.kind}</b> {part.name && <Shown text={part.name} />}{' '}
      <span class="muted">
        <Shown text={[part.media_type, part.bytes !== undefined && size(part.bytes)].filter(Boolean).join(', ')} />
      </span>
    </p>
    {part.reference !== undefined && (
      <p>
        at{' '}
        {isSafe(part.reference) ? (
          <Outside to={part.reference}>
            <Shown text={part.reference} />
          </Outside>
        ) : (
          <Shown text={part.reference} />
        )}{' '}
        <span class="faint">not fetched</span>
      </p>
    )}
    {part.bytes !== undefined && part.source.bytes && (
      <Fold class="more" summary={`the ${part.kind}`}>
        {() => (
          <Show of={around.store.bodyOf(around.step, part.source)} what={`the ${part.kind}`} rows={2}>
            {(body) => (
              <Unpacked body={body}>
                {(plain) => {
                  const { start, end } = part.source.bytes!;
                  const bytes = mediaBytes(lossyTextOf(plain.subarray(start, end)));
                  return bytes ? (
                    <Medium bytes={bytes} part={part} />
                  ) : (
                    <p class="muted">Its content is not base64. "As sent" shows it.</p>
                  );
                }}
              </Unpacked>
            )}
          </Show>
        )}
      </Fold>
    )}
  </div>
);

export const Call = ({ part, note }: { part: PartOf<'tool_call'>; note?: ComponentChildren }) => (
  <div class="call">
    <div class="mh">
      <Icon name="tool" />
      <code>
        <Shown text={part.name} />
      </code>
      {part.id && (
        <span class="faint mono">
          <Shown text={part.id} />
        </span>
      )}
      {part.is_hosted && <span class="tag">run by the provider</span>}
      <span class="grow" />
      {note}
    </div>
    {part.arguments === '' ? (
      !part.left_out && <p class="muted">No arguments.</p>
    ) : (
      <div class="box">
        <Tree text={part.arguments} />
      </div>
    )}
  </div>
);

const Result = ({ part, around }: { part: PartOf<'tool_result'>; around: Around }) => {
  const call = callOf(around.messages, part);
  const answered = (
    <div class="box">
      <span class="cap">{part.is_error ? 'failed with' : 'answered'}</span>
      {part.parts.length === 0 ? (
        <p class="muted">Nothing.</p>
      ) : (
        part.parts.map((inner, place) => (
          <PartView key={place} part={inner} around={{ ...around, isModels: false, isTools: true }} />
        ))
      )}
    </div>
  );
  if (!call) return <div class={part.is_error ? 'failed' : ''}>{answered}</div>;
  return (
    <div class={`pair ${part.is_error ? 'failed' : ''}`}>
      <div class="box">
        <span class="cap">asked</span>
        <Tree text={call.arguments} />
      </div>
      {answered}
    </div>
  );
};

/** What the model thought. Some providers keep it to themselves. */
const Thinking = ({ part }: { part: PartOf<'thinking'> }) => {
  if (part.text === '')
    return <p class="muted">Reasoning that the provider keeps to itself{part.is_hidden ? ', encrypted' : ''}.</p>;
  return (
    <div class="think">
      <Fold class="more" summary={`Reasoning, ${many(part.text.length, 'character')}`} isOpen={isSought(part.text)}>
        {() => <Plain text={part.text} />}
      </Fold>
    </div>
  );
};

/** What an answer had no room for is a content of its own, and read from there when it is asked for. */
const LeftOut = ({ part, around }: { part: Part; around: Around }) => (
  <div class="left-out">
    <p class="muted">{size(part.left_out!)} are left out here, since the step is too large for one answer.</p>
    {part.source.bytes && (
      <Fold class="more" summary="read it from the bytes">
        {() => <AsSent source={part.source} store={around.store} step={around.step} />}
      </Fold>
    )}
    {part.source.events && (
      <p class="muted">They came in the events that are marked; "Events" and "Bytes" have them.</p>
    )}
  </div>
);

export const PartView = ({ part, around }: { part: Part; around: Around }) => (
  <>
    <Read part={part} around={around} />
    {part.left_out ? <LeftOut part={part} around={around} /> : null}
  </>
);

const Read = ({ part, around }: { part: Part; around: Around }) => {
  if (part.left_out && 'text' in part && part.text === '') return null;
  if (!isReadable.value && part.type !== 'tool_result')
    return <AsSent source={part.source} store={around.store} step={around.step} />;
  switch (part.type) {
    case 'text':
      return <Text text={part.text} around={around} />;
    case 'thinking':
      return <Thinking part={part} />;
    case 'refusal':
      return (
        <div class="refusal">
          <b>Declined</b>
          <Plain text={part.text} />
        </div>
      );
    case 'compaction':
      return (
        <div>
          <p class="muted">The provider's summary of what it dropped:</p>
          <Plain text={part.text} />
        </div>
      );
    case 'tool_call':
      return <Call part={part} note={around.elsewhere?.(part)} />;
    case 'tool_result':
      return <Result part={part} around={around} />;
    case 'media':
      return <Media part={part} around={around} />;
    case 'citation':
      return (
        <p class="citation">
          <span class="tag">source</span> {part.title && <Shown text={part.title} />}{' '}
          {part.url &&
            (isSafe(part.url) ? (
              <Outside to={part.url}>
                <Shown text={part.url} />
              </Outside>
            ) : (
              <Shown text={part.url} />
            ))}{' '}
          {part.text && (
            <q>
              <Shown text={part.text} />
            </q>
          )}
        </p>
      );
    case 'embeddings':
      return (
        <p>
          {count(part.count)} embeddings{part.dimensions ? ` of ${count(part.dimensions)} numbers` : ''}.{' '}
          <span class="muted">"As sent" shows them.</span>
        </p>
      );
    default:
      return (
        <div>
          <p class="muted">
            Other:{' '}
            <code>
              <Shown text={part.name} />
            </code>
          </p>
          <Tree text={part.raw} />
        </div>
      );
  }
};

/** Whether an event is among those that the chosen passage came from. */
export const isMarked = (source: Source | undefined, event: number): boolean =>
  source?.events?.some(({ first, last }) => event >= first && event <= last) ?? false;
