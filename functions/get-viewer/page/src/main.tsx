// The page: signs in, and shows the screen that the fragment names.
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { signIn } from './config.ts';
import { keepFocus } from './parts/focus.ts';
import { Frame } from './parts/frame.tsx';
import { Live } from './parts/live.tsx';
import { Panel } from './parts/state.tsx';
import { rememberChat } from './preferences.ts';
import { route } from './route.ts';
import { addressOf, leftAt } from './run-lists.ts';
import { ChatsScreen } from './screens/chats.tsx';
import { CompareScreen } from './screens/compare.tsx';
import { MessageScreen } from './screens/message.tsx';
import { NamedScreen } from './screens/named.tsx';
import { RunScreen } from './screens/run.tsx';
import { RunsScreen } from './screens/runs.tsx';
import { SettingsScreen } from './screens/settings.tsx';
import { SignInScreen } from './screens/sign-in.tsx';
import { hasEnded, leaveToSignIn, refusal, returnFromSignIn, token } from './session.ts';

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><g fill="none" stroke="#4a67dd" stroke-width="2"><circle cx="8" cy="8" r="6.3"/></g><circle cx="8" cy="8" r="2.4" fill="#4a67dd"/></svg>';

const Lost = () => (
  <Frame title="No such place" crumbs={[]}>
    <div class="page narrow">
      <h1>This link leads nowhere</h1>
      <Panel state="not-found" title="It names no place of this page.">
        <p>
          Perhaps a part of it is missing. <a href="#/">All my chats</a>
        </p>
      </Panel>
    </div>
  </Frame>
);

const Screen = () => {
  const to = route.value;
  switch (to.screen) {
    case 'runs':
      return <RunsScreen key={to.chat} route={to} />;
    case 'named':
      return <NamedScreen key={JSON.stringify(to)} route={to} />;
    case 'message':
      return <MessageScreen key={`${to.chat}/${to.message}`} route={to} />;
    case 'run':
      return <RunScreen key={`${to.chat}/${to.run}`} route={to} />;
    case 'compare':
      return <CompareScreen key={JSON.stringify(to)} route={to} />;
    case 'settings':
      return <SettingsScreen key={to.chat ?? ''} route={to} />;
    case 'lost':
      return <Lost />;
    default:
      return <ChatsScreen />;
  }
};

const App = () => {
  const to = route.value;
  const place = to.screen + ('chat' in to ? to.chat : '') + ('run' in to ? to.run : '');
  useEffect(() => {
    if ('chat' in to && to.chat) rememberChat(to.chat);
    // A list that one comes back to stands as it was left. Any other place that was opened begins at its top, and whoever
    // cannot see it is told by the focus.
    if (to.screen === 'runs' && leftAt(addressOf(to))) return;
    scrollTo(0, 0);
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [place]);
  return (
    <>
      {token.value || hasEnded.value ? <Screen /> : <SignInScreen />}
      <Live />
    </>
  );
};

// The page does so itself: the browser would do it before what one comes back to is there.
history.scrollRestoration = 'manual';
const app = document.getElementById('app')!;
app.replaceChildren();
keepFocus(app);
render(
  <main class="plain">
    <p>Signing in.</p>
  </main>,
  app,
);
await returnFromSignIn();
// Somebody followed a link: the issuer knows them, or asks.
if (signIn && !token.value && !refusal.value && location.hash.length > 2) void leaveToSignIn();
else render(<App />, app);

// The policy lets an icon come from here alone, and a page without one makes the browser ask for `/favicon.ico`.
setTimeout(() => {
  const icon = document.createElement('link');
  icon.rel = 'icon';
  icon.href = URL.createObjectURL(new Blob([ICON], { type: 'image/svg+xml' }));
  document.head.append(icon);
}, 300);
