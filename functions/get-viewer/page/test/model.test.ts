import assert from 'node:assert/strict';
import test from 'node:test';
import { hexLine, lossyTextOf, packingOf, textOf, unpacked } from '../src/model/bytes.ts';
import { gzipSync, deflateSync } from 'node:zlib';
import {
  aligned,
  messageMatches,
  settingDifferences,
  textDifference,
  toolDifferences,
} from '../src/model/difference.ts';
import { eventsOf, nameOf } from '../src/model/frames.ts';
import { blocks, inlines, isSafe } from '../src/model/markdown.ts';
import { entriesOf, patternOf, search } from '../src/model/search.ts';
import { seenAnew } from '../src/model/runs.ts';
import { pace } from '../src/model/pace.ts';
import { exactly } from '../src/model/say.ts';
import { blocksOf, linesOf, shown } from '../src/model/text.ts';
import { toolUses } from '../src/model/tools.ts';
import { axisOf, byteStack, gridOf, placed, rowsOf, tokenStack } from '../src/model/waterfall.ts';
import type { Attempt, AttemptView, Content, Message, Outline, Part, Step, StepView } from '../src/types.ts';
import { below, pick, random } from './random.ts';

const part = (content: Content): Part => ({
  ...content,
  source: { in: 'request', attempt: 1, bytes: { start: 0, end: 1 } },
});
const text = (said: string): Part => part({ type: 'text', text: said });
const message = (role: string, ...parts: Part[]): Message => ({ role, parts });
const view = (step_number: number, messages: Message[], messages_before: number, answer: Part[] = []): StepView => ({
  step_number,
  is_stream: false,
  parameters: [],
  tools: [],
  messages,
  messages_before,
  answer: [{ index: 0, parts: answer }],
  outcome: 'completed',
  attempts: [],
  unread: [],
});

test('Markdown keeps every character, whatever the text', () => {
  const next = random(3);
  const pieces = [
    '**',
    '*',
    '_',
    '`',
    '```',
    '\n',
    '\n\n',
    '# ',
    '- ',
    '1. ',
    '> ',
    '|',
    '---',
    '[a](b)',
    '[x](javascript:alert(1))',
    '![i](http://x)',
    '<b>',
    'word',
    ' ',
    '  ',
    '\r\n',
    '~~',
    'https://e.org/x',
    '\u202e',
    '| a | b |\n|---|---|\n',
    '\t',
  ];
  for (let round = 0; round < 5000; round += 1) {
    const of = Array.from({ length: below(next, 30) }, () => pick(next, pieces)).join('');
    assert.equal(
      blocks(of)
        .map((block) => block.raw)
        .join(''),
      of,
    );
    assert.equal(
      inlines(of)
        .map((piece) => piece.raw)
        .join(''),
      of,
    );
  }
});

test('Markdown is read as far as a model writes it', () => {
  const kinds = (of: string) =>
    blocks(of)
      .filter((block) => block.kind !== 'blank')
      .map((block) => block.kind);
  assert.deepEqual(kinds('# a\ntext\n\n- x\n- y\n  - z\n\n```sh\nls\n```\n> q\n\n|a|b|\n|-|-|\n|1|2|\n***\n'), [
    'heading',
    'paragraph',
    'list',
    'code',
    'quote',
    'table',
    'rule',
  ]);
  assert.deepEqual(
    inlines('a **b** `c` *d* snake_case_name 2*3*4').map((piece) => piece.kind),
    ['text', 'strong', 'text', 'code', 'text', 'emphasis', 'text', 'emphasis', 'text'],
  );
  const [list] = blocks('1. a\n2. b\n');
  assert.ok(list?.kind === 'list' && list.isOrdered && list.items.length === 2);
});

test('only pages and mail are links', () => {
  for (const target of ['https://a.org', 'HTTP://a', 'mailto:a@b']) assert.ok(isSafe(target));
  for (const target of ['javascript:alert(1)', 'data:text/html,x', ' javascript:x', 'file:///etc', '//a', 'x'])
    assert.ok(!isSafe(target));
});

test('many marks without an end take no time', () => {
  const began = performance.now();
  for (const of of [
    '*'.repeat(100_000),
    '['.repeat(100_000),
    '`'.repeat(100_000),
    '**a '.repeat(30_000),
    '> '.repeat(20_000),
    '_a '.repeat(30_000),
    '- '.repeat(40_000),
  ]) {
    assert.equal(
      blocks(of)
        .map((block) => block.raw)
        .join(''),
      of,
    );
  }
  assert.ok(performance.now() - began < 10_000, 'what it takes does not grow with the square of the length');
});

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

test('a text in blocks is the text, and no block cuts a character', () => {
  const next = random(11);
  for (let round = 0; round < 60; round += 1) {
    const of = Array.from({ length: below(next, 4000) }, () =>
      pick(next, ['word ', 'x'.repeat(200), '\n', '\u{1f600}', '\r\n']),
    ).join('');
    const cut = blocksOf(of);
    assert.equal(cut.join(''), of);
    for (const block of cut)
      assert.ok(block.length <= 12_500 && !isLowSurrogate(block.charCodeAt(0)) && linesOf(block) > 0);
  }
  assert.equal(blocksOf('x'.repeat(5_000_000)).join('').length, 5_000_000);
});

test('what would hide gets a sign, and joined emoji stay', () => {
  const signs = (of: string) =>
    shown(of)
      .map((piece) => (typeof piece === 'string' ? piece : `<${piece.means}>`))
      .join('');
  assert.equal(
    signs('a\u202eb\0\ud800c\u200b'),
    'a<turns the direction of text>b<control character U+0000><half a surrogate pair>c<is not visible>',
  );
  const family = '\u{1f468}\u200d\u{1f469}';
  assert.equal(signs(`${family}\t\n\r\n`), `${family}\t\n\r\n`);
});

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
    assert.equal(lossyTextOf((await unpacked(copy, packing))!), 'hello');
    assert.equal(await unpacked(copy.slice(0, 12), packing), undefined);
  }
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

test('settings and tools differ by their names', () => {
  const settings = settingDifferences(
    [
      { name: 'a', value: '1' },
      { name: 'b', value: '2' },
    ],
    [
      { name: 'b', value: '3' },
      { name: 'c', value: '4' },
    ],
  );
  assert.deepEqual(settings, [
    { name: 'a', a: '1', b: undefined },
    { name: 'b', a: '2', b: '3' },
    { name: 'c', a: undefined, b: '4' },
  ]);
  assert.deepEqual(toolDifferences([{ name: 't', raw: '{}' }], [{ name: 't', raw: '{}' }]), []);
});

test('messages are paired by what they hold, wherever they stood', () => {
  const long = 'one two three four five six seven eight';
  const [system, user, answer] = [
    message('system', text('be brief')),
    message('user', text(long)),
    message('assistant', text('yes')),
  ];
  const moved = message('user', { ...text(long), source: { in: 'request', attempt: 2, bytes: { start: 5, end: 9 } } });
  assert.deepEqual(
    messageMatches([system, user], [system, moved, answer]).map((match) => match.kind),
    ['same', 'same', 'added'],
  );
  assert.deepEqual(
    messageMatches([system, user, answer], [system, answer]).map((match) => match.kind),
    ['same', 'removed', 'same'],
  );
  assert.deepEqual(
    messageMatches([user], [message('user', text(`${long} nine`))]).map((match) => match.kind),
    ['changed'],
  );
  assert.deepEqual(
    messageMatches([user], [message('user', text('all new words here'))]).map((match) => match.kind),
    ['removed', 'added'],
  );
});

test('the pieces of a difference are both texts', () => {
  const next = random(5);
  for (let round = 0; round < 200; round += 1) {
    const make = () =>
      Array.from({ length: below(next, 40) }, () => pick(next, ['a ', 'b ', 'c\n', 'd', '\n'])).join('');
    const [a, b] = [make(), make()];
    for (const detail of ['words', 'lines'] as const) {
      const pieces = textDifference(a, b, detail)!;
      const side = (of: 'a' | 'b') =>
        pieces
          .filter((piece) => piece.in === 'both' || piece.in === of)
          .map((piece) => piece.text)
          .join('');
      assert.deepEqual([side('a'), side('b')], [a, b]);
    }
  }
});

test('two runs are aligned, and what has no partner stands alone', () => {
  assert.deepEqual(
    aligned(['x', 'y', 'z'], ['x', 'z', 'w'], (item) => item),
    [
      { a: 'x', b: 'x' },
      { a: 'y', b: undefined },
      { a: 'z', b: 'z' },
      { a: undefined, b: 'w' },
    ],
  );
});

const call = (id: string | undefined, name: string): Part => part({ type: 'tool_call', id, name, arguments: '{}' });
const result = (id: string | undefined, name?: string): Part =>
  part({ type: 'tool_result', id, name, parts: [text('r')] });

test('calls and results are paired by id, else by order', () => {
  const views = [
    view(1, [message('user', text('q'))], 0, [call('1', 'a'), call(undefined, 'b'), call('3', 'c'), call('4', 'd')]),
    view(
      2,
      [
        message('user', text('q')),
        message('tool', result('1'), result(undefined, 'b'), result('1'), result('9'), result('4')),
      ],
      1,
    ),
  ];
  const { uses, strays } = toolUses(views);
  assert.deepEqual(
    uses.map((use) => [use.call.name, use.result?.step, use.isByOrder, use.results]),
    [
      ['a', 2, false, 2],
      ['b', 2, true, 1],
      ['c', undefined, false, 0],
      ['d', 2, false, 1],
    ],
  );
  assert.deepEqual(
    strays.map((stray) => [stray.result.id, stray.step]),
    [['9', 2]],
  );
});

const outline = (step_number: number, from: number, to: number, more: Partial<Outline> = {}): Outline => ({
  step_number,
  operation: 'stream',
  status: 'completed',
  started_at: new Date(from).toISOString(),
  finished_at: new Date(to).toISOString(),
  updated_at: new Date(to).toISOString(),
  attempts: [{ number: 1, status: 'completed', response_status: 200, duration_ms: to - from }],
  normalized_request_bytes: 2,
  ...more,
});

test('bars stand where the times say', () => {
  const steps = [outline(1, 1000, 4000), outline(2, 5000, 9000)];
  const exact = { attempts: [{ number: 1, status: 'completed', first_byte_ms: 1000 }] } as unknown as Step;
  const rows = rowsOf(steps, 1000, 0, (number) => (number === 1 ? exact : undefined));
  assert.deepEqual(rows[0]!.bars, [
    { kind: 'wait', from: 0, to: 1000 },
    { kind: 'answer', from: 1000, to: 3000 },
  ]);
  assert.deepEqual(rows[0]!.gap, { kind: 'tools', from: 3000, to: 4000 });
  const axis = axisOf(rows);
  assert.deepEqual(placed(axis, rows[0]!), { left: 0, width: 3 / 8 });
  assert.deepEqual(placed(axis, rows[1]!), { left: 0.5, width: 0.5 });
  assert.deepEqual(
    axis.ticks.map((tick) => tick.label),
    ['0 s', '2 s', '4 s', '6 s'],
  );
  assert.ok(gridOf(axis).includes('var(--line) 25% calc(25% + 1px)'));
});

test('failed tries, pauses and clocks that differ are shown as such', () => {
  const step = outline(1, 10_000, 16_400, {
    attempts: [
      { number: 1, status: 'completed', response_status: 529, duration_ms: 400 },
      { number: 2, status: 'completed', response_status: 200, duration_ms: 5000 },
    ],
  });
  const exact = {
    attempts: [
      {
        number: 1,
        status: 'completed',
        started_at: new Date(9000).toISOString(),
        retry_delay_ms: 1000,
        retry_classification: 'overloaded',
      },
      { number: 2, status: 'completed', started_at: new Date(11_400).toISOString() },
    ],
  } as unknown as Step;
  const [row] = rowsOf([step], 10_000, 0, () => exact);
  assert.equal(row!.isShifted, true);
  assert.deepEqual(
    row!.bars.map((bar) => bar.kind),
    ['span'],
  );
  assert.deepEqual(
    row!.attempts.map(({ from, to, isFailed }) => [from, to, isFailed]),
    [
      [0, 400, true],
      [1400, 6400, false],
    ],
  );
  assert.deepEqual(row!.attempts[0]!.bars, [
    { kind: 'failed', from: 0, to: 400 },
    { kind: 'pause', from: 400, to: 1400 },
  ]);
});

test('a long pause is folded, and the rest stays to scale', () => {
  const axis = axisOf(rowsOf([outline(1, 0, 5000), outline(2, 7_805_000, 7_810_000)], 0, 0, () => undefined));
  assert.deepEqual(
    axis.folds.map((fold) => fold.skipped),
    [7_800_000],
  );
  assert.equal(axis.at(0), 0);
  assert.ok(Math.abs(axis.at(7_810_000) - 1) < 1e-9);
  assert.ok(Math.abs(axis.at(5000) - (axis.at(7_810_000) - axis.at(7_805_000))) < 1e-9);
  assert.deepEqual(
    axis.ticks.map((tick) => tick.label),
    ['0 s', '2 s', '4 s', '2 h 10 min later', '+4 s'],
  );
});

test('no two labels of a time line are the same or stand in each other', () => {
  const next = random(29);
  for (let round = 0; round < 500; round += 1) {
    let at = 0;
    const steps = Array.from({ length: 1 + below(next, 12) }, (_, place) => {
      const from = at + (below(next, 4) === 0 ? below(next, 1e8) : below(next, 9000));
      return outline(place + 1, from, (at = from + below(next, 200_000)));
    });
    const { ticks, folds } = axisOf(rowsOf(steps, 0, 0, () => undefined));
    const labels = ticks.map(({ label }) => label).filter((label) => !label.startsWith('+'));
    if (folds.length === 0) assert.equal(new Set(labels).size, labels.length, labels.join());
    ticks.forEach((tick, place) => {
      const end = tick.at + tick.label.length * 0.017;
      assert.ok(end <= (ticks[place + 1]?.at ?? 1), JSON.stringify(ticks));
    });
  }
});

test('a time is said to its last digit', () => {
  for (const [time, said] of [
    [0, '0 s'],
    [500, '500 ms'],
    [1500, '1.5 s'],
    [90_000, '1 min 30 s'],
    [7_800_000, '2 h 10 min'],
    [90_000_000, '1 day 1 h'],
    [172_800_000, '2 days'],
  ] as const)
    assert.equal(exactly(time), said);
});

test('positions never leave the width, whatever the clocks say', () => {
  const next = random(23);
  for (let round = 0; round < 500; round += 1) {
    const steps = Array.from({ length: 1 + below(next, 8) }, (_, at) =>
      outline(at + 1, below(next, 1e7), below(next, 1e7)),
    );
    const rows = rowsOf(steps, below(next, 1e7), 0, () => undefined);
    const axis = axisOf(rows);
    for (const row of rows)
      for (const bar of [...row.bars, ...(row.gap ? [row.gap] : [])]) {
        const { left, width } = placed(axis, bar);
        assert.ok(left >= 0 && width >= 0 && left + width <= 1 + 1e-9);
      }
  }
});

test('tokens and bytes add up', () => {
  const step = outline(1, 0, 1, {
    input_tokens: 100,
    cache_read_tokens: 80,
    cache_creation_tokens: 5,
    output_tokens: 7,
    attempts: [{ number: 1, status: 'completed', request_bytes: 3, response_bytes: 4 }],
  });
  assert.deepEqual(tokenStack(step), {
    parts: [
      { kind: 'read', amount: 80 },
      { kind: 'created', amount: 5 },
      { kind: 'fresh', amount: 15 },
      { kind: 'output', amount: 7 },
    ],
    total: 107,
  });
  assert.equal(byteStack(step).total, 7);
});

test('what an answer had no room for is never taken for the same', () => {
  const cut = (left_out: number): Message => message('user', { ...text(''), left_out });
  const kinds = (a: Message[], b: Message[], known?: number) => messageMatches(a, b, known).map((match) => match.kind);
  assert.deepEqual(kinds([cut(5)], [cut(5)]), ['same']);
  assert.deepEqual(kinds([cut(5)], [cut(7)]), ['changed']);
  assert.deepEqual(kinds([message('user', text('whole'))], [cut(5)], 1), ['same'], 'the service knows better');
  const setting = (left_out?: number) => [{ name: 'schema', value: '', left_out }];
  assert.deepEqual(settingDifferences(setting(5), setting(5)), []);
  assert.deepEqual(settingDifferences(setting(), setting(5000)), [
    { name: 'schema', a: '', b: '5.0 kB, left out here' },
  ]);
});

test('search finds each text once, in the step that was given it first', async () => {
  const first = message('user', text('a Needle and a needle'));
  const views = [view(1, [first], 0, [text('no')]), view(2, [first, message('assistant', text('needle'))], 1)];
  const find = (of: string, more = {}) =>
    search(
      views,
      patternOf({ text: of, isCase: false, isPattern: false, ...more })!,
      () => undefined,
      new AbortController().signal,
    );
  assert.deepEqual(
    (await find('needle')).hits.map((hit) => [hit.step, hit.part, hit.at]),
    [
      [1, 'sent', 1],
      [1, 'sent', 1],
      [2, 'sent', 2],
    ],
  );
  assert.equal((await find('needle', { isCase: true })).total, 2);
  assert.equal((await find('n.{2}dle', { isPattern: true })).total, 3);
  assert.equal((await find('n.{2}dle')).total, 0);
  assert.equal(
    (await find('a*', { isPattern: true })).hits.every((hit) => hit.found !== ''),
    true,
  );
  assert.equal(patternOf({ text: '', isCase: false, isPattern: false }), undefined);
  assert.equal([...entriesOf(views[1]!, views[0])].length, 1);
  const alone = await search(views.slice(1), /needle/giu, () => undefined, new AbortController().signal);
  assert.equal(alone.total, 3, 'what an unread step was given is searched where it is given again');
});

test('search finds calls by their ids, errors by every word of theirs, and tools that are new or changed', async () => {
  const find = async (pattern: RegExp, ...of: StepView[]) => {
    const { hits } = await search(of, pattern, () => undefined, new AbortController().signal);
    return hits.map((hit) => [hit.step, hit.part, hit.label]);
  };
  const tools = (raw: string) => [
    { name: 'a', raw: '{"name":"a"}' },
    { name: 'b', raw },
  ];
  const views: StepView[] = [
    { ...view(1, [message('user', text('q'))], 0, [call('id_1', 'a')]), tools: tools('{"name":"b"}') },
    { ...view(2, [message('user', text('q')), message('tool', result('id_1'))], 1), tools: tools('{"b":"new"}') },
  ];
  assert.deepEqual(await find(/id_1/gu, ...views), [
    [1, 'back', 'answer, calls a'],
    [2, 'sent', 'message 2, tool, result'],
  ]);
  assert.deepEqual(await find(/"name":"a"/gu, ...views), [[1, 'sent', 'tool a']]);
  assert.deepEqual(await find(/new/gu, ...views), [[2, 'sent', 'tool b']]);
  const error = { message: 'Overloaded', code: 'overloaded_error', raw: '{"type":"overloaded_error","retry":"soon"}' };
  const failed = { ...view(1, [], 0), error, attempts: [{ attempt: 1, outcome: 'error', error } as AttemptView] };
  const both = [
    [1, 'back', 'error'],
    [1, 'wire', 'attempt 1'],
  ];
  assert.deepEqual(await find(/overloaded/giu, failed), both, 'what is said three times is found once');
  assert.deepEqual(await find(/_error/gu, failed), both);
  assert.deepEqual(await find(/soon/gu, failed), both);
  assert.deepEqual(await find(/soon/gu, { ...failed, error: { ...error, code: undefined } }), both);
});

test('search goes on behind a place where a pattern finds nothing', async () => {
  const views = [view(1, [message('user', text(`${'a'.repeat(5000)}b`))], 0)];
  const found = await search(views, /b*/gu, () => undefined, new AbortController().signal);
  assert.deepEqual(
    found.hits.map((hit) => hit.found),
    ['b'],
  );
});

test('search finds what went over the wire beside the bodies', async () => {
  const attempt = {
    number: 1,
    status: 'completed',
    url: 'https://needle.example/v1',
    request_headers: { 'x-needle': '1' },
    response_headers: { 'content-type': 'text/needle' },
  } as Attempt;
  const { hits } = await search(
    [view(1, [], 0)],
    /needle/gu,
    () => undefined,
    new AbortController().signal,
    () => [{ ...attempt, url: undefined, request_headers: {}, response_headers: {} }, attempt],
  );
  assert.deepEqual(
    hits.map((hit) => [hit.part, hit.at, hit.label]),
    [
      ['wire', 2, 'attempt 2, URL'],
      ['wire', 2, 'attempt 2, request header'],
      ['wire', 2, 'attempt 2, response header'],
    ],
  );
});

test('search finds what is loaded of the bodies, and counts them', async () => {
  const found = await search(
    [view(1, [], 0), view(2, [], 0)],
    /needle/gu,
    () => undefined,
    new AbortController().signal,
    undefined,
    (step) => (step === 2 ? [{ attempt: 3, side: 'response', text: 'data: {"a":"needle"}' }] : []),
  );
  assert.equal(found.bodies, 1);
  assert.deepEqual(
    found.hits.map((hit) => [hit.step, hit.part, hit.at, hit.label]),
    [[2, 'wire', 3, 'attempt 3, response body']],
  );
});

test('long work pauses between its pieces', async () => {
  let rests = 0;
  const pause = pace(async () => void (rests += 1));
  for (const began = performance.now(); performance.now() - began < 10;);
  assert.deepEqual([await pause(), rests], [true, 1]);
});

test('a list whose first page is read again has what is new, lacks what is gone, and keeps what is older', () => {
  const runs = (ids: string) => [...ids].map((id) => ({ id }));
  const seen = (loaded: string, first: string, more?: string) => {
    const { runs: now, next } = seenAnew({ runs: runs(loaded), next: 'older' }, { items: runs(first), next: more });
    return [now.map((run) => run.id).join(''), next];
  };
  assert.deepEqual(seen('dcba', 'ed', 'first'), ['edcba', 'older']);
  assert.deepEqual(seen('dcba', 'db', 'first'), ['dba', 'older']);
  assert.deepEqual(seen('dcba', 'gf', 'first'), ['gf', 'first']);
  assert.deepEqual(seen('dc', 'd'), ['d', undefined]);
  assert.deepEqual(seen('dc', ''), ['', undefined]);
  assert.deepEqual(seen('dc', '', 'first'), ['dc', 'older']);
});
