// The hit of a search that one has gone to: what is folded over it opens, and it is marked where it stands.
import { effect, signal } from '@preact/signals';
import { isAt, type Hit } from '../model/search.ts';
import type { Place } from '../route.ts';

interface Sought {
  hit: Hit;
  /** Which of the hits at its place it is, from 0. */
  turn: number;
  pattern: RegExp;
}

export const sought = signal<Sought | undefined>(undefined);

/** The browser's own marks, which change nothing on the page; not every browser has them. */
const marks = 'highlights' in CSS ? CSS.highlights : undefined;
effect(() => {
  if (!sought.value) marks?.delete('sought');
});

/** Whether a text holds what is sought. */
export const isSought = (text: string): boolean => sought.value !== undefined && text.search(sought.value.pattern) >= 0;

const MOST = 1000;

/** Where a pattern matches the text of an element, across the pieces that it is made of. */
const rangesOf = (within: Element, pattern: RegExp): Range[] => {
  const walker = document.createTreeWalker(within, NodeFilter.SHOW_TEXT);
  const nodes: { node: Text; from: number }[] = [];
  let text = '';
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    nodes.push({ node, from: text.length });
    text += node.data;
  }
  const ranges: Range[] = [];
  let at = 0;
  const pieceAt = (place: number) => {
    while (nodes[at + 1] && nodes[at + 1]!.from <= place) at += 1;
    return [nodes[at]!.node, place - nodes[at]!.from] as const;
  };
  for (const { index, 0: found } of text.matchAll(pattern)) {
    if (ranges.length === MOST) break;
    if (found === '') continue;
    const range = new Range();
    range.setStart(...pieceAt(index));
    const [last, offset] = pieceAt(index + found.length - 1);
    range.setEnd(last, offset + 1);
    ranges.push(range);
  }
  return ranges;
};

/** Marks what is sought in an element, when this is its place. Gives where the hit stands that one has gone to. */
export const markSought = (within: Element, step: number, place: Place): Range | undefined => {
  marks?.delete('sought');
  const now = sought.peek();
  if (!marks || !now || !isAt(now.hit, { step, part: place.name, at: place.at })) return undefined;
  const ranges = rangesOf(within, now.pattern);
  marks.set('sought', new Highlight(...ranges));
  return ranges[now.turn] ?? ranges[0];
};
