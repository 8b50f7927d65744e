import assert from 'node:assert/strict';
import test from 'node:test';
import { entriesOf, patternOf, search, turnOf } from '../src/model/search.ts';
import type { Attempt, AttemptView, StepView } from '../src/types.ts';
import { text, message, view, call, result } from './made.ts';

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
    hits.map((hit) => [hit.part, hit.at, hit.label, hit.side, turnOf(hits, hits.indexOf(hit))]),
    [
      ['wire', 2, 'attempt 2, URL', 'request', 0],
      ['wire', 2, 'attempt 2, request header', 'request', 1],
      ['wire', 2, 'attempt 2, response header', 'response', 0],
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
