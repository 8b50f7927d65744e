// Before anything is loaded: who are you?
import { useSignal } from '@preact/signals';
import { signIn } from '../config.ts';
import { Frame } from '../parts/frame.tsx';
import { leaveToSignIn, refusal, use } from '../session.ts';

const TokenField = () => {
  const text = useSignal('');
  const submit = (event: Event) => {
    event.preventDefault();
    const access = text.value.trim().replace(/^bearer\s+/i, '');
    if (access) use(access);
  };
  return (
    <form class="token" onSubmit={submit}>
      <p>
        This deployment has no sign-in for this page. Paste an access token of yours. It is kept in memory alone, and
        forgotten when the page is closed.
      </p>
      <label>
        Access token{' '}
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          data-testid="token"
          value={text.value}
          onInput={(event) => (text.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="btn go" data-testid="token-use">
        Use this token
      </button>
    </form>
  );
};

export const SignInScreen = () => (
  <Frame title="Sign in" crumbs={[]}>
    <div class="page narrow">
      <h1>What did we really send to the model, and what came back?</h1>
      <p class="lead">
        Sign in to see the recorded turns of your chats. Nobody else can open them here, admins included.
      </p>
      {refusal.value && (
        <div class="notice warn" role="alert">
          Signing in did not work: {refusal.value}
        </div>
      )}
      {signIn ? (
        <button type="button" class="btn go" data-testid="sign-in" onClick={leaveToSignIn}>
          Sign in
        </button>
      ) : (
        <TokenField />
      )}
    </div>
  </Frame>
);
