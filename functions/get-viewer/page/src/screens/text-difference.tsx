// Two texts beside or above each other, with what differs marked and long equal stretches folded.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { textDifference, type Detail, type Piece } from '../model/difference.ts';
import { many } from '../model/say.ts';
import { Fold } from '../parts/bits.tsx';
import { Plain, Shown } from '../parts/text.tsx';

export const layout = signal<'two' | 'one'>('two');
export const detail = signal<Detail>('words');

const Pieces = ({ pieces, side }: { pieces: readonly Piece[]; side: 'a' | 'b' | 'all' }) => (
  <>
    {pieces.map(({ text, in: where }, place) => {
      if (where === 'both') return <Shown key={place} text={text} />;
      if (side !== 'all' && where !== side) return null;
      return where === 'a' ? (
        <del key={place}>
          <Shown text={text} />
        </del>
      ) : (
        <ins key={place}>
          <Shown text={text} />
        </ins>
      );
    })}
  </>
);

const None = () => <span class="faint">none</span>;

const FEW = 2;

/** The pieces with long equal stretches folded to the lines next to a difference. */
const stretches = (pieces: readonly Piece[]): ({ fold: number; text: string } | { pieces: Piece[] })[] => {
  const parts: ({ fold: number; text: string } | { pieces: Piece[] })[] = [];
  const add = (piece: Piece): void => {
    const last = parts.at(-1);
    if (last && 'pieces' in last) last.pieces.push(piece);
    else parts.push({ pieces: [piece] });
  };
  pieces.forEach((piece, place) => {
    const lines = piece.in === 'both' ? piece.text.split(/(?<=\n)/) : [];
    const [head, tail] = [place === 0 ? 0 : FEW, place === pieces.length - 1 ? 0 : FEW];
    if (lines.length <= head + tail + 4) return add(piece);
    if (head) add({ in: 'both', text: lines.slice(0, head).join('') });
    parts.push({ fold: lines.length - head - tail, text: lines.slice(head, lines.length - tail).join('') });
    if (tail) add({ in: 'both', text: lines.slice(lines.length - tail).join('') });
  });
  return parts;
};

/** Two texts beside or above each other, with what differs marked. */
export const TextDifference = ({ a, b, isCode = false }: { a: string; b: string; isCode?: boolean }) => {
  const pieces = useMemo(() => textDifference(a, b, detail.value), [a, b, detail.value]);
  const of = isCode ? 'plain mono' : 'plain';
  if (!pieces) {
    return (
      <>
        <p class="note">Too different to show word by word.</p>
        <div class="row2" data-testid="difference">
          <div class="gone">
            <Plain text={a} isCode={isCode} />
          </div>
          <div class="come">
            <Plain text={b} isCode={isCode} />
          </div>
        </div>
      </>
    );
  }
  return (
    <>
      {stretches(pieces).map((part, place) => {
        if ('fold' in part)
          return (
            <Fold key={place} summary={`${many(part.fold, 'line')} the same`}>
              {() => <Plain text={part.text} isCode={isCode} />}
            </Fold>
          );
        if (layout.value === 'one')
          return (
            <div key={place} class="row1" data-testid="difference">
              <div class={of}>
                <Pieces pieces={part.pieces} side="all" />
              </div>
            </div>
          );
        return (
          <div key={place} class="row2" data-testid="difference">
            <div class={part.pieces.some((piece) => piece.in === 'a') ? 'gone' : ''}>
              <div class={of}>{a === '' ? <None /> : <Pieces pieces={part.pieces} side="a" />}</div>
            </div>
            <div class={part.pieces.some((piece) => piece.in === 'b') ? 'come' : ''}>
              <div class={of}>{b === '' ? <None /> : <Pieces pieces={part.pieces} side="b" />}</div>
            </div>
          </div>
        );
      })}
    </>
  );
};

/** One side has it, the other has not. */
export const OneSided = ({
  side,
  children,
  other = 'not there',
}: {
  side: 'a' | 'b';
  children: ComponentChildren;
  other?: string;
}) => {
  const mine = <div class={side === 'a' ? 'gone' : 'come'}>{children}</div>;
  if (layout.value === 'one')
    return (
      <div class="row1" data-testid="difference">
        {mine}
      </div>
    );
  const none = <div class="faint">{other}</div>;
  return (
    <div class="row2" data-testid="difference">
      {side === 'a' ? (
        <>
          {mine}
          {none}
        </>
      ) : (
        <>
          {none}
          {mine}
        </>
      )}
    </div>
  );
};
