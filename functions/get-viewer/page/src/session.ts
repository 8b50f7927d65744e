// Signing in: authorization code with PKCE. The token lives in memory alone, so a reload goes to the issuer and back.
// While one is away, only the state, the verifier and the wished-for place are stored.
import { signal } from '@preact/signals';
import { page, signIn } from './config.ts';
import { base64url } from './model/bytes.ts';

interface Token {
  access: string;
  ends?: number;
}

export const token = signal<Token | undefined>();
/** Whether the service has taken the token yet. */
export const isProven = signal(false);
/** Whether a token was refused: what is loaded stays, and a bar says it. */
export const hasEnded = signal(false);
/** Why signing in did not work, in the issuer's words where it has any. */
export const refusal = signal<string | undefined>();

const AWAY = 'chat-debug.away';
const random = (): string => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** Leaves for the issuer, and comes back to where one is now. */
export const leaveToSignIn = async (): Promise<void> => {
  if (!signIn) return;
  const [state, verifier] = [random(), random()];
  sessionStorage.setItem(AWAY, JSON.stringify({ state, verifier, fragment: location.hash }));
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier));
  const url = new URL(signIn.authorize_url);
  const parameters = {
    ...signIn.authorize_parameters,
    response_type: 'code',
    client_id: signIn.client_id,
    redirect_uri: page,
    scope: signIn.scopes,
    state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: 'S256',
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  location.assign(url);
};

/** Auth0 gives such a token when nobody asks for an API's, Clerk when it was told to. */
const UNREADABLE =
  'The issuer gave a token that it alone can read. Whoever runs this deployment has to have it give JSON Web Tokens, by ' +
  'asking for an audience (VIEWER_AUTHORIZE_PARAMETERS) or in the settings of the application.';

const redeem = async (code: string, verifier: string): Promise<void> => {
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: page,
    client_id: signIn!.client_id,
    code_verifier: verifier,
  };
  const answer = await fetch(signIn!.token_url, {
    method: 'POST',
    body: new URLSearchParams(form),
    credentials: 'omit',
  });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok || typeof said.access_token !== 'string') {
    throw new Error(said.error_description ?? said.error ?? `The issuer answered ${answer.status}.`);
  }
  if (said.access_token.split('.').length !== 3) throw new Error(UNREADABLE);
  use(said.access_token, Number(said.expires_in) || undefined);
};

/** Ends what `leaveToSignIn` began, when this is the way back. */
export const returnFromSignIn = async (): Promise<void> => {
  const stored = sessionStorage.getItem(AWAY);
  sessionStorage.removeItem(AWAY);
  const query = new URLSearchParams(location.search);
  const [code, error] = [query.get('code'), query.get('error')];
  if (!signIn || (!code && !error)) return;
  const away = stored ? JSON.parse(stored) : undefined;
  history.replaceState(null, '', page + (away?.fragment ?? ''));
  dispatchEvent(new HashChangeEvent('hashchange'));
  if (!away || query.get('state') !== away.state) {
    refusal.value = 'This answer of the issuer belongs to another sign-in. Sign in again.';
  } else if (error) {
    refusal.value = query.get('error_description') ?? error;
  } else {
    await redeem(code!, away.verifier).catch((failure: Error) => (refusal.value = failure.message));
  }
};

/** Takes a token; the field for a pasted one uses it too. */
export const use = (access: string, seconds?: number): void => {
  token.value = { access, ends: seconds ? Date.now() + seconds * 1000 : undefined };
  isProven.value = false;
  hasEnded.value = false;
  refusal.value = undefined;
};

/** Asks for another token; what is loaded stays. */
export const forgetToken = (): void => {
  token.value = undefined;
  hasEnded.value = false;
};

/** Forgets the token, and leaves for the issuer's own sign-out when it has one. */
export const signOut = (): void => {
  token.value = undefined;
  if (signIn?.logout_url) location.assign(signIn.logout_url);
  else location.replace(page);
};

/** Who the token says one is, to be shown; the service verifies it, not the page. */
export const user = (): string | undefined => {
  const { username, preferred_username, email, sub } = claims();
  return [preferred_username, username, email, sub].find(
    (name): name is string => typeof name === 'string' && name !== '',
  );
};

/** The id that the service knows one by: the owner of one's chats. */
export const subject = (): string | undefined => {
  const { sub } = claims();
  return typeof sub === 'string' ? sub : undefined;
};

/** Whether the token looks like an admin's, whatever the deployment calls them; only the service knows. */
export const looksLikeAdmin = (): boolean => /admin/i.test(JSON.stringify(claims()));

const claims = (): Record<string, unknown> => {
  try {
    const part = token.value?.access.split('.')[1] ?? '';
    const bytes = Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), (character) =>
      character.charCodeAt(0),
    );
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return {};
  }
};
