import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateRawSync, deflateSync, gzipSync, inflateRawSync } from 'node:zlib';
import { hexLine, lossyTextOf, packingOf, textOf, unpacked } from '../src/model/bytes.ts';
import { eventsOf, gistOf, nameOf } from '../src/model/frames.ts';
import type { Packing } from '../src/types.ts';
import { pick, random } from './random.ts';

test('bytes are text only when all of them are', async () => {
  assert.equal(textOf(Uint8Array.of(0xe2, 0x82)), undefined);
  assert.equal(lossyTextOf(Uint8Array.of(0x61, 0xff)), 'a\ufffd');
  assert.equal(hexLine(new TextEncoder().encode('0123456789abcdef!'), 16), `00000010  21${' '.repeat(47)} !`);
  for (const [packing, bytes] of [
    ['gzip', gzipSync('hello')],
    ['deflate', deflateSync('hello')],
  ] as const) {
    const copy = new Uint8Array(bytes);
    assert.equal(packingOf(copy), packing);
    assert.deepEqual(await said(copy, packing), ['hello', undefined]);
  }
  assert.equal(packingOf(new TextEncoder().encode('x^2')), undefined, 'a formula is a text');
});

const said = async (bytes: Uint8Array<ArrayBuffer>, packing: Packing) => {
  const all = await unpacked(bytes, packing);
  return all && [lossyTextOf(all.bytes), all.fault];
};

test('of a packed body that breaks off, what came before is there', async () => {
  const next = random(31);
  const text = Array.from({ length: 60_000 }, () => pick(next, ['one ', 'two\n', 'three', '{}', '\u00e4'])).join('');
  for (const [packing, bytes] of [
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
  ] as const) {
    const cut = new Uint8Array(bytes.subarray(0, Math.floor(bytes.length / 2)));
    const [before, fault] = (await said(cut, packing))!;
    assert.equal(fault, 'broken off or damaged');
    const whole = before!.replace(/\ufffd$/, '');
    assert.ok(
      text.startsWith(whole) && whole.length > text.length / 4,
      `${packing}: ${whole.length} of ${text.length}`,
    );
    assert.deepEqual(await said(new Uint8Array(bytes), packing), [text, undefined]);
  }
  assert.deepEqual(await said(new Uint8Array(deflateRawSync('hello')), 'deflate'), ['hello', undefined]);
  assert.equal(await said(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), 'zstd'), undefined);
});

test('members of gzip one behind the other are one text, in a browser that unpacks only the first', async (context) => {
  const native = globalThis.DecompressionStream;
  context.after(() => (globalThis.DecompressionStream = native));
  /** As browsers have it: what comes behind the end is damage, and what waits is thrown away. */
  class OneMember extends TransformStream<Uint8Array, Uint8Array> {
    constructor() {
      const all: Uint8Array[] = [];
      super({
        transform: (piece) => void all.push(piece),
        flush: (to) => {
          const bytes = Buffer.concat(all);
          const { buffer, engine } = inflateRawSync(bytes.subarray(10), { info: true }) as unknown as {
            buffer: Buffer;
            engine: { bytesWritten: number };
          };
          if (10 + engine.bytesWritten + 8 !== bytes.length) throw new TypeError('Junk behind the end.');
          to.enqueue(new Uint8Array(buffer));
        },
      });
    }
  }
  globalThis.DecompressionStream = OneMember as unknown as typeof DecompressionStream;
  const members = (...texts: string[]) => new Uint8Array(Buffer.concat(texts.map((text) => gzipSync(text))));
  assert.deepEqual(await said(members('one ', 'two ', 'three'), 'gzip'), ['one two three', undefined]);
  const cut = members('one ', 'two ');
  assert.deepEqual(await said(cut.slice(0, -9), 'gzip'), ['one ', 'broken off or damaged']);
});

test('events are numbered as the service numbers them', () => {
  const events = (of: string, framing: 'sse' | 'lines' | 'array') =>
    eventsOf(new TextEncoder().encode(of), framing).map(({ name, data }) => [name, data]);
  const stream =
    '\n: hello\n\nevent: a\nid: 7\ndata: {"x":\ndata:1}\n\n:\n\nevent: nothing\n\ndata\n\ndata: [DONE]\n\n';
  for (const of of [stream, stream.replaceAll('\n', '\r\n'), stream.replaceAll('\n', '\r')]) {
    assert.deepEqual(events(of, 'sse'), [
      ['a', '{"x":\n1}'],
      ['', ''],
      ['', '[DONE]'],
    ]);
  }
  assert.deepEqual(events('event: a\ndata: 1\n{"error":1}\ndata: {"b', 'sse'), [
    ['a', '1'],
    ['', '{"error":1}'],
    ['', '{"b'],
  ]);
  assert.deepEqual(
    events('{"a":1}\n[2]\nno json\n{"b":2}', 'lines').map(([, data]) => data),
    ['{"a":1}', '[2]', 'no json', '{"b":2}'],
  );
  assert.deepEqual(
    events('{"a":1}{\n "b":2}', 'lines').map(([, data]) => data),
    ['{"a":1}', '{\n "b":2}'],
  );
  assert.deepEqual(
    events('{"a":1}\r\n\r\n{"b":2', 'lines').map(([, data]) => data),
    ['{"a":1}', '{"b":2'],
  );
  const whole = '[{"candidates":[1]}\n,\r\n{"candidates":[2]}]';
  assert.deepEqual(
    events(whole, 'array').map(([, data]) => data),
    ['{"candidates":[1]}', '{"candidates":[2]}'],
  );
  assert.deepEqual(
    events(whole.slice(0, -3), 'array').map(([, data]) => data),
    ['{"candidates":[1]}', '{"candidates":[2'],
  );
});

test('an event is told by what it brings, else by what sets it apart', () => {
  const event = (data: unknown) => ({ name: '', data: JSON.stringify(data) });
  const delta = (text: string) => event({ type: 'delta', index: 1, delta: { type: 'text_delta', text } });
  for (const [of, before, gist] of [
    [delta('Hi'), undefined, '"Hi"'],
    [delta(' you'), delta('Hi'), '" you"'],
    [delta('Hi'), delta('Hi'), 'the same again'],
    [event({ type: 'stop', index: 0 }), undefined, 'index 0'],
    [event({ type: 'start', id: 'a', model: 'm', usage: 3 }), undefined, 'model m, usage 3'],
    [event({ type: 'ping' }), undefined, ''],
    [{ name: '', data: '[DONE]' }, undefined, '[DONE]'],
  ] as const)
    assert.equal(gistOf(of, before), gist);
});

test("frames of Amazon's event stream are events, and what they wrap is unwrapped", () => {
  const frame = (name: string, payload: string): Buffer => {
    const header = (key: string, value: string) =>
      Buffer.concat([
        Buffer.from([key.length]),
        Buffer.from(key),
        Buffer.from([7, value.length >> 8, value.length & 255]),
        Buffer.from(value),
      ]);
    const headers = Buffer.concat([header(':message-type', 'event'), header(':event-type', name)]);
    const length = (bytes: number) => {
      const four = Buffer.alloc(4);
      four.writeUInt32BE(bytes);
      return four;
    };
    return Buffer.concat([
      length(16 + headers.length + payload.length),
      length(headers.length),
      Buffer.alloc(4),
      headers,
      Buffer.from(payload),
      Buffer.alloc(4),
    ]);
  };
  const body = Buffer.concat([
    frame('messageStart', '{"role":"assistant"}'),
    frame('chunk', JSON.stringify({ bytes: Buffer.from('{"type":"message_stop"}').toString('base64') })),
  ]);
  const events = eventsOf(new Uint8Array(body), 'amazon');
  assert.deepEqual(events, [
    { name: 'messageStart', data: '{"role":"assistant"}' },
    { name: '', data: '{"type":"message_stop"}' },
  ]);
  assert.deepEqual(events.map(nameOf), ['messageStart', 'message_stop']);
  assert.equal(eventsOf(new Uint8Array(body.subarray(0, -1)), 'amazon').length, 1);
});
