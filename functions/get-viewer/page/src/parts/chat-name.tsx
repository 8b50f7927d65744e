// The chat product's own names of chats, as far as the page has met them. They are kept in memory alone.
import { signal } from '@preact/signals';
import { short } from '../model/say.ts';
import { href } from '../route.ts';
import type { Crumb } from './frame.tsx';
import { Shown } from './text.tsx';

const names = signal<ReadonlyMap<string, string>>(new Map());

export const nameOfChat = (chat: string): string | undefined => names.value.get(chat);

export const rememberNames = (chats: Iterable<readonly [chat: string, name: string]>): void => {
  names.value = new Map([...names.peek(), ...chats]);
};

const ChatName = ({ of: chat }: { of: string }) => {
  const name = nameOfChat(chat);
  return name === undefined ? (
    <>
      Chat <span class="mono">{short(chat)}</span>
    </>
  ) : (
    <Shown text={name} />
  );
};

/** The way to a chat's runs. */
export const chatCrumb = (chat: string): Crumb => ({
  label: <ChatName of={chat} />,
  to: href({ screen: 'runs', chat }),
});
