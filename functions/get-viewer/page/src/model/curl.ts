// A request as a line for a shell, which sends the same bytes. What was redacted becomes a variable.
import { base64, textOf } from './bytes.ts';

export interface Sent {
  method?: string;
  url?: string;
  headers: Record<string, string>;
  body: Uint8Array;
}

/** What curl says by itself, or says otherwise. */
const OWN = new Set(['host', 'content-length', 'transfer-encoding', 'accept-encoding', 'connection']);
const REDACTED = /\[REDACTED(?::[^\]]*)?\]/;

const quoted = (text: string): string => `'${text.replace(/'/g, "'\\''")}'`;

/** A word in which each redacted piece is a variable that the shell fills in. */
const withVariables = (text: string): string =>
  text
    .split(REDACTED)
    .map((piece) => (piece === '' ? '' : quoted(piece)))
    .join('"$API_KEY"') || "''";

const header = ([name, value]: [string, string]): string =>
  // A header without a value ends in a semicolon, or curl leaves it out.
  `-H ${withVariables(value === '' ? `${name};` : `${name}: ${value}`)}`;

const delimiterFor = (text: string): string => {
  let delimiter = 'BODY';
  while (text.split('\n').includes(delimiter)) delimiter += '_';
  return delimiter;
};

/** Text goes through a quoted here-document; it must end its last line, and a shell keeps neither a NUL nor more. */
const isPlain = (text: string | undefined): text is string =>
  text !== undefined && text.endsWith('\n') && !text.includes('\0');

/** The command, byte for byte. A URL or a header with line breaks cannot be said to curl and is refused. */
export const curl = ({ method = 'POST', url, headers, body }: Sent): string => {
  const target = url ?? 'https://HOST/PATH';
  const listed = Object.entries(headers).filter(([name]) => !OWN.has(name.toLowerCase()));
  if (/[\r\n\0]/.test(target + listed.flat().join('')))
    throw new Error('A line break in a header or URL cannot be said to curl.');
  const isRedacted = REDACTED.test(target) || listed.some(([, value]) => REDACTED.test(value));
  // curl adds headers of its own, which an empty one takes away.
  const names = new Set(listed.map(([name]) => name.toLowerCase()));
  const absent = [
    'Content-Type',
    ...(names.has('accept') ? [] : ['Accept']),
    ...(names.has('user-agent') ? [] : ['User-Agent']),
  ].filter((name) => !names.has(name.toLowerCase()) && (name !== 'Content-Type' || body.length > 0));
  const words = [
    `curl -sS -g -X ${quoted(method)} ${withVariables(target)}`,
    ...listed.map(header),
    ...absent.map((name) => `-H '${name}:'`),
  ];
  const comment = isRedacted
    ? '# Put your own key into API_KEY: the recorded one was removed before anything was stored.\n'
    : '';
  if (body.length === 0) return comment + words.join(' \\\n  ');
  const text = textOf(body);
  const command = `${words.join(' \\\n  ')} \\\n  --data-binary @-`;
  if (isPlain(text)) return `${comment}${command} <<'${delimiterFor(text)}'\n${text}${delimiterFor(text)}`;
  if (text !== undefined && isPlain(`${text}\n`)) {
    // The here-document ends in a line break that the body does not have.
    const last = delimiterFor(text);
    return `${comment}head -c ${body.length} <<'${last}' | ${command}\n${text}\n${last}`;
  }
  const packed = base64(body).replace(/.{76}/g, '$&\n');
  return `${comment}base64 -d <<'BODY' | ${command}\n${packed}\nBODY`;
};
