import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import { promisify } from 'node:util';
import { curl } from '../src/model/curl.ts';

const run = promisify(execFile);

interface Got {
  method?: string;
  url?: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

/** Runs a command in a shell against a server that keeps what it was sent. */
const sent = async (command: (origin: string) => string, shell = 'sh'): Promise<Got> => {
  let got: Got | undefined;
  const server = createServer(async (request, answer) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    got = { method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(parts) };
    answer.end('ok');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await run(shell, ['-c', command(`http://127.0.0.1:${port}`)], {
      env: { ...process.env, API_KEY: 'my key', no_proxy: '*' },
    });
  } finally {
    server.close();
  }
  assert.ok(got, 'the server was asked');
  return got;
};

const BODIES: [string, Uint8Array][] = [
  ['nothing', new Uint8Array()],
  ['JSON', Buffer.from('{"model":"m","text":"it\'s $HOME `id` \\\\ \\n \\"x\\""}')],
  ['what ends in a line', Buffer.from('a\nb\n')],
  ['several line ends', Buffer.from('a\n\n\n')],
  ['carriage returns', Buffer.from('a\r\nb\r\n')],
  ['its own delimiter', Buffer.from('x\nBODY\ny\nBODY_\n')],
  ['its own delimiter at the end', Buffer.from('x\nBODY')],
  ['characters beyond ASCII', Buffer.from('é 你好 \u{1f600} \u202e')],
  ['bytes that are no text', Uint8Array.from({ length: 1000 }, (_, at) => at % 256)],
  ['a NUL in text', Buffer.from('a\0b')],
];

for (const shell of ['sh', 'bash']) {
  for (const [what, body] of BODIES) {
    test(`${shell} sends ${what} byte for byte`, async () => {
      const got = await sent(
        (origin) =>
          curl({
            method: 'POST',
            url: `${origin}/v1/it's?a=[1]&b={2}`,
            headers: { 'Content-Type': 'text/it\'s; x="1"', host: 'elsewhere', 'content-length': '1' },
            body,
          }),
        shell,
      );
      assert.deepEqual(Buffer.from(body), got.body);
      assert.equal(got.method, 'POST');
      assert.equal(got.url, "/v1/it's?a=[1]&b={2}");
      assert.equal(got.headers['content-type'], 'text/it\'s; x="1"');
      assert.notEqual(got.headers.host, 'elsewhere');
      assert.equal(got.headers.accept, undefined, 'curl adds nothing of its own');
    });
  }
}

test('what was redacted is a variable, in headers and in the URL', async () => {
  const got = await sent((origin) =>
    curl({
      method: 'GET',
      url: `${origin}/x?key=[REDACTED]`,
      headers: { authorization: 'Bearer [REDACTED]', 'x-empty': '' },
      body: new Uint8Array(),
    }).replace('"$API_KEY"', 'mykey'),
  );
  assert.equal(got.headers.authorization, 'Bearer my key');
  assert.equal(got.url, '/x?key=mykey');
  assert.equal(got.headers['x-empty'], '');
});

test('what cannot be said to curl is refused', () => {
  assert.throws(() => curl({ url: 'http://h/', headers: { a: 'b\r\nc: d' }, body: new Uint8Array() }), /line break/);
});
