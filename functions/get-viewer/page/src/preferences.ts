// What this browser remembers: switches and, if it is wished, the ids of chats. Nothing of their content.
import { effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';
interface Preferences {
  theme: Theme;
  hasKeys: boolean;
  remembers: boolean;
  chats: string[];
  textSize: number;
}

const NAME = 'chat-debug.preferences';
const DEFAULTS: Preferences = { theme: 'system', hasKeys: true, remembers: false, chats: [], textSize: 13 };

const stored = (): Preferences => {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(NAME) ?? '{}') };
  } catch {
    return DEFAULTS;
  }
};

export const preferences = signal<Preferences>(stored());

// What is preferred in another tab is preferred here.
addEventListener('storage', ({ key }) => {
  if (key === NAME) preferences.value = stored();
});

export const prefer = (change: Partial<Preferences>): void => {
  preferences.value = { ...preferences.value, ...change };
};

/** Keeps a chat's id among the last ten, when that is wished. */
export const rememberChat = (chat: string): void => {
  const { remembers, chats } = preferences.peek();
  if (remembers && chats[0] !== chat)
    prefer({ chats: [chat, ...chats.filter((other) => other !== chat)].slice(0, 10) });
};

effect(() => {
  const { theme, textSize } = preferences.value;
  const { dataset, style } = document.documentElement;
  if (theme === 'system') delete dataset.theme;
  else dataset.theme = theme;
  style.setProperty('--text', `${textSize}px`);
  try {
    localStorage.setItem(NAME, JSON.stringify(preferences.value));
  } catch {
    // A browser that stores nothing shows everything all the same.
  }
});
