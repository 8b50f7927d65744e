// A message of a conversation: who speaks, and its parts.
import { textOfMessage } from '../model/difference.ts';
import type { Message, PartOf } from '../types.ts';
import { CopyButton } from './bits.tsx';
import { PartView, type Around } from './part.tsx';
import { Some } from './state.tsx';
import { Shown } from './text.tsx';

const ROLES = new Map([
  ['system', 'system'],
  ['developer', 'system'],
  ['user', 'user'],
  ['assistant', 'asst'],
  ['model', 'asst'],
  ['tool', 'tool'],
  ['function', 'tool'],
]);
export const roleClass = (role: string): string => ROLES.get(role) ?? 'other';

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
        <b>
          <Shown text={message.role} />
        </b>
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
        <Some of={message.parts} first={200} what="part" as="p">
          {(part, place) => (
            <PartView key={place} part={part} around={{ ...around, isModels: roleClass(message.role) === 'asst' }} />
          )}
        </Some>
      )}
    </div>
  );
};
