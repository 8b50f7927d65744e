// Calls of the API. It waits when it is told to, says why it gives up, and never throws away what is loaded.
import { api } from './config.ts';
import { hasEnded, isProven, token } from './session.ts';

const BASE = '/api/experimental/chats';
const TRIES = 4;
const PREFIX = 'urn:chat-debug:problem:';

/** Why there is no answer. */
export class Refusal extends Error {
  constructor(
    /** The HTTP status; 0 when no answer came. */
    readonly status: number,
    /** The contract's type of problem, without its prefix. */
    readonly type: string,
    message: string,
  ) {
    super(message);
  }
}

export interface Call {
  method?: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Whether a second one would do a second thing: then it is repeated only when the first was surely not done. */
  isOnce?: boolean;
}

const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => (clearTimeout(timer), reject(signal.reason)), { once: true });
  });

const refusalOf = async (answer: Response): Promise<Refusal> => {
  const said = await answer.json().catch(() => ({}));
  const type = typeof said.type === 'string' ? said.type.replace(PREFIX, '') : '';
  const message = typeof said.message === 'string' ? said.message : `The service answered ${answer.status}.`;
  return new Refusal(answer.status, type, message);
};

/** One call, repeated while the service asks for patience. A 304 is an answer. */
export const call = async (
  path: string,
  { method = 'GET', body, headers = {}, signal, isOnce = false }: Call = {},
): Promise<Response> => {
  const sent: Record<string, string> = { ...headers };
  if (body !== undefined) sent['content-type'] = 'application/json';
  for (let tried = 1; ; tried += 1) {
    if (token.value) sent.authorization = `Bearer ${token.value.access}`;
    let answer: Response;
    try {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      answer = await fetch(api + path, {
        method,
        headers: sent,
        body: payload,
        signal,
        cache: 'no-store',
        credentials: 'omit',
      });
    } catch (failure) {
      if (signal?.aborted) throw failure;
      throw new Refusal(0, 'offline', 'The service cannot be reached.');
    }
    if (answer.ok || answer.status === 304) {
      isProven.value = true;
      return answer;
    }
    if ((answer.status === 429 || (answer.status === 503 && !isOnce)) && tried < TRIES) {
      const seconds = Number(answer.headers.get('retry-after')) || tried;
      await pause(Math.min(seconds, 30) * 1000, signal);
      continue;
    }
    const refusal = await refusalOf(answer);
    if (refusal.status === 401) hasEnded.value = true;
    throw refusal;
  }
};

/** The path of the next page, as the API's other paths are written here. */
export const nextOf = (answer: Response): string | undefined => {
  const link = answer.headers.get('link')?.match(/<([^>]*)>;\s*rel="?next"?/)?.[1];
  if (!link) return undefined;
  const path = link.replace(/^https?:\/\/[^/]+/, '');
  return path.startsWith(BASE) ? path.slice(BASE.length) : path.replace(api, '');
};

export interface Page<T> {
  items: T[];
  next?: string;
  tag?: string;
}

/** A page of a list; nothing when it is still what `tag` stands for. */
export const page = async <T>(
  path: string,
  options: { tag?: string; signal?: AbortSignal } = {},
): Promise<Page<T> | undefined> => {
  const headers: Record<string, string> = options.tag ? { 'if-none-match': options.tag } : {};
  const answer = await call(path, { headers, signal: options.signal });
  if (answer.status === 304) return undefined;
  return { items: await answer.json(), next: nextOf(answer), tag: answer.headers.get('etag') ?? undefined };
};

export const json = async <T>(path: string, options: Call = {}): Promise<T> => (await call(path, options)).json();

const MOST_DELETES = 20;

/** Deletes. A 202 says that something is left, which nobody can see any more; the same again removes it. */
export const remove = async (path: string): Promise<void> => {
  for (let tried = 0; tried < MOST_DELETES; tried += 1)
    if ((await call(path, { method: 'DELETE' })).status === 204) return;
};

const STRIDE = 4_400_000;

/** A content, byte for byte, part by part when it is larger than one answer. */
export const bytes = async (path: string, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> => {
  const parts: ArrayBuffer[] = [];
  let [at, tag, total] = [0, undefined as string | undefined, Infinity];
  while (at < total) {
    const headers: Record<string, string> = {
      range: `bytes=${at}-${at + STRIDE - 1}`,
      ...(tag ? { 'if-range': tag } : {}),
    };
    let answer: Response;
    try {
      answer = await call(path, { headers, signal });
    } catch (failure) {
      // An empty content has no byte to ask for.
      if (failure instanceof Refusal && failure.status === 416 && at === 0) break;
      throw failure;
    }
    const part = await answer.arrayBuffer();
    if (answer.status !== 206) {
      // Without a range it is all of it: the step was replaced meanwhile, or the content is small.
      parts.length = 0;
      parts.push(part);
      break;
    }
    parts.push(part);
    tag = answer.headers.get('etag') ?? undefined;
    total = Number(answer.headers.get('content-range')?.split('/')[1]);
    at += part.byteLength;
    if (!part.byteLength || !total) break;
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
};
