import assert from 'node:assert/strict';
import test from 'node:test';
import { blocks, hostOf, inlines, isSafe } from '../src/model/markdown.ts';
import { blocksOf, linesOf, shown } from '../src/model/text.ts';
import { below, pick, random } from './random.ts';

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

test('a link says where it leads when its text does not', () => {
  const host = (of: string) => {
    const [link] = inlines(of);
    return link?.kind === 'link' ? hostOf(link) : assert.fail(of);
  };
  assert.equal(host('[the **docs**](https://docs.example/a)'), 'docs.example');
  assert.equal(host('[https://bank.example](https://evil.example/login)'), 'evil.example');
  assert.equal(host('[x](https://bank.example@evil.example:8443/)'), 'evil.example:8443');
  assert.equal(host('[b\u0430nk.example](https://b\u0430nk.example/)'), 'xn--bnk-6cd.example');
  assert.equal(host('[write](mailto:me@evil.example)'), 'me@evil.example');
  for (const same of ['https://a.example/x', '[https://a.example/x](https://a.example/x)', '[a@b](mailto:a@b)'])
    assert.equal(host(same), undefined);
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
  for (const seen of [
    `${family}\t\n\r\n`,
    '\u2764\ufe0f',
    '\u2764\ufe0e',
    '1\ufe0f\u20e3',
    '\u{1f469}\u{1f3fd}\u200d\u{1f4bb}',
  ])
    assert.equal(signs(seen), seen);
  // Each of them carries a text that nobody sees.
  const unseen = ['\ufe00', '\ufe0f', '\u{e0100}', '\u{e01ef}', '\u{e0041}', '\u3164', '\u115f', '\u1160', '\uffa0'];
  for (const one of [...unseen, '\u00ad', '\u2800', '\u034f', '\u180e', '\u200d', '1\ufe0f'])
    assert.equal(signs(`a${one}`), `a${one.startsWith('1') ? '1' : ''}<is not visible>`, JSON.stringify(one));
  assert.equal(signs('\u2764\ufe0f\ufe0f'), '\u2764\ufe0f<is not visible>');
});
