// What stands around every screen: where one is, who one is, what has gone wrong for all of it.
import { signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { signIn } from '../config.ts';
import { Help } from '../keys.tsx';
import { time } from '../model/say.ts';
import { prefer, preferences } from '../preferences.ts';
import { forgetToken, hasEnded, isProven, leaveToSignIn, signOut, token, user } from '../session.ts';
import { Icon } from './icon.tsx';
import { Menu } from './menu.tsx';

export interface Crumb {
  label: ComponentChildren;
  to?: string;
}

const isOffline = signal(!navigator.onLine);
addEventListener('online', () => (isOffline.value = false));
addEventListener('offline', () => (isOffline.value = true));

const turnTheme = (): void => {
  const isDark =
    preferences.value.theme === 'system'
      ? matchMedia('(prefers-color-scheme: dark)').matches
      : preferences.value.theme === 'dark';
  prefer({ theme: isDark ? 'light' : 'dark' });
};

const Who = () => {
  const name = user();
  if (!token.value) return null;
  const initials = (name ?? '?')
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word[0] ?? '')
    .join('')
    .slice(0, 2)
    .toUpperCase();
  return (
    <Menu
      class="who"
      testid="who"
      button={
        <>
          <i aria-hidden="true">{initials}</i>
          <span class="vh">Signed in as</span> <span class="name">{name ?? 'somebody'}</span>
        </>
      }
    >
      {() => (
        <>
          <p>
            Signed in
            {name && (
              <>
                {' '}
                as <b>{name}</b>
              </>
            )}
          </p>
          <button type="button" class="btn" data-testid="sign-out" onClick={signOut}>
            Sign out
          </button>
        </>
      )}
    </Menu>
  );
};

/** What holds for the whole page: the end of the sign-in, and no network. */
const Notes = () => {
  const now = useSignal(Date.now());
  useEffect(() => {
    const timer = setInterval(() => (now.value = Date.now()), 20_000);
    return () => clearInterval(timer);
  }, []);
  const ends = token.value?.ends;
  const again = signIn ? (
    <button type="button" class="btn" onClick={leaveToSignIn}>
      Sign in again
    </button>
  ) : (
    <button type="button" class="btn" onClick={forgetToken}>
      Give a new token
    </button>
  );
  return (
    <>
      {hasEnded.value && (
        <div class="notice warn" role="alert" data-testid="signed-out-bar">
          {isProven.value
            ? 'Your sign-in has ended. Sign in again to load more.'
            : 'This service does not take your sign-in: it has ended, or it is not meant for this service.'}{' '}
          {again}
        </div>
      )}
      {!hasEnded.value && ends && ends - now.value < 120_000 && (
        <div class="notice">
          Your sign-in ends at {time(new Date(ends).toISOString())}.{' '}
          {signIn ? (
            <button type="button" class="btn" onClick={leaveToSignIn}>
              Renew
            </button>
          ) : (
            again
          )}
        </div>
      )}
      {isOffline.value && (
        <div class="notice warn" role="status">
          You are offline. What is loaded stays.
        </div>
      )}
    </>
  );
};

export interface FrameProps {
  /** Nothing that was recorded: browsers keep the titles of what was visited. */
  title: string;
  crumbs: Crumb[];
  skip?: { to: string; label: string };
  find?: ComponentChildren;
  keys?: [string, string][];
  settings?: string;
  children: ComponentChildren;
}

export const Frame = ({ title, crumbs, skip, find, keys = [], settings = '#/settings', children }: FrameProps) => {
  useEffect(() => {
    document.title = `${title} · chat-debug`;
  }, [title]);
  const main = useRef<HTMLElement>(null);
  const jump = (event: Event) => {
    event.preventDefault();
    const target = document.getElementById(skip?.to ?? 'main') ?? main.current;
    target?.focus();
    target?.scrollIntoView();
  };
  return (
    <>
      <a class="skip" href="#main" onClick={jump}>
        {skip?.label ?? 'Skip to the content'}
      </a>
      <header class="bar">
        <a class="brand" href="#/">
          <Icon name="logo" />
          chat-debug
        </a>
        <nav class="crumbs" aria-label="Where you are">
          {crumbs.map(({ label, to }, place) => (
            <span key={place}>
              <span aria-hidden="true">/</span>
              {to ? <a href={to}>{label}</a> : <span aria-current="page">{label}</span>}
            </span>
          ))}
        </nav>
        <span class="grow" />
        {find}
        <button type="button" class="btn ghost" aria-label="Dark or light" title="Dark or light" onClick={turnTheme}>
          <Icon name="moon" />
        </button>
        <a class="btn ghost" href={settings} aria-label="Settings" title="Settings">
          <Icon name="cog" />
        </a>
        <Who />
      </header>
      <Notes />
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        {preferences.value.hasKeys &&
          [...keys, ['?', 'all keys']].map(([key, what]) => (
            <span key={what}>
              {key!.split(' ').map((one) => (
                <kbd key={one}>{one}</kbd>
              ))}{' '}
              {what}
            </span>
          ))}
        <span class="grow" />
        <span>Nothing on this page is sent anywhere but to this service.</span>
      </footer>
      <Help />
    </>
  );
};
