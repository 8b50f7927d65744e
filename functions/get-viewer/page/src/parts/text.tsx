// Recorded text. It is only ever text nodes: whatever it holds, nothing of it acts, and nothing of it hides.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { sizeOf } from '../model/bytes.ts';
import { blocks, hostOf, isSafe, type Block, type Inline } from '../model/markdown.ts';
import { size } from '../model/say.ts';
import { blocksOf, linesOf, shown, signed } from '../model/text.ts';
import { Icon } from './icon.tsx';
import { isSought } from './sought.ts';

const LARGE = 2_000_000;
/** Above this, Markdown is shown as text: a page of so many elements would not scroll. */
const LARGEST_READABLE = 200_000;

/** Text with signs in the place of what would hide. */
export const Shown = ({ text }: { text: string }) => (
  <>
    {shown(text).map((piece, place) =>
      typeof piece === 'string' ? (
        piece
      ) : (
        <span key={place} class="sign" title={piece.means}>
          {piece.sign}
        </span>
      ),
    )}
  </>
);

const BLOCKS_AT_ONCE = 32;

/** Blocks of a text. Those behind them are made when these stand, so that no text keeps the page from answering. */
const From = ({ parts, first }: { parts: readonly string[]; first: number }) => {
  const next = first + BLOCKS_AT_ONCE;
  const stand = useSignal(false);
  useEffect(() => void (stand.value = true), []);
  const blocks = useMemo(
    () =>
      parts.slice(first, next).map((part, place) => (
        <div key={place} class="block" style={{ containIntrinsicBlockSize: `auto ${linesOf(part) * 20}px` }}>
          <Shown text={part} />
        </div>
      )),
    [parts, first],
  );
  return (
    <>
      {blocks}
      {stand.value && next < parts.length && <From parts={parts} first={next} />}
    </>
  );
};

/** A text as it is, in blocks that the browser lays out when they are near. */
export const Plain = ({
  text,
  isCode = false,
  isWanted = false,
  largest = LARGE,
}: {
  text: string;
  isCode?: boolean;
  /** A longer one begins folded. */
  largest?: number;
  /** Whether all of it was asked for, however large it is. */
  isWanted?: boolean;
}) => {
  const isAsked = useSignal(isWanted || text.length <= largest);
  const isOpen = isAsked.value || isSought(text);
  const parts = useMemo(() => (isOpen ? blocksOf(text) : []), [text, isOpen]);
  if (!isOpen) {
    return (
      <button type="button" class="fold" aria-expanded={false} onClick={() => (isAsked.value = true)}>
        <Icon name="right" />A text of {size(sizeOf(text))}. Show it
      </button>
    );
  }
  if (text === '') return <p class="muted">An empty text.</p>;
  const of = isCode ? 'plain mono' : 'plain';
  if (parts.length === 1)
    return (
      <div class={of}>
        <Shown text={text} />
      </div>
    );
  return (
    <div class={of}>
      <From parts={parts} first={0} />
    </div>
  );
};

const Inlines = ({ of }: { of: readonly Inline[] }) => (
  <>
    {of.map((piece, place) => {
      switch (piece.kind) {
        case 'strong':
          return (
            <strong key={place}>
              <Inlines of={piece.inner} />
            </strong>
          );
        case 'emphasis':
          return (
            <em key={place}>
              <Inlines of={piece.inner} />
            </em>
          );
        case 'strike':
          return (
            <s key={place}>
              <Inlines of={piece.inner} />
            </s>
          );
        case 'code':
          return (
            <code key={place}>
              <Shown text={piece.text} />
            </code>
          );
        case 'link':
          return isSafe(piece.target) ? <Link key={place} of={piece} /> : <Shown key={place} text={piece.raw} />;
        default:
          return <Shown key={place} text={piece.text} />;
      }
    })}
  </>
);

/** A link of a text, which may name another place than it leads to. */
const Link = ({ of }: { of: Extract<Inline, { kind: 'link' }> }) => {
  const host = hostOf(of);
  return (
    <Outside to={of.target}>
      <Inlines of={of.inner} />
      {host && (
        <span class="faint">
          {' '}
          (<Shown text={host} />)
        </span>
      )}
    </Outside>
  );
};

/** A link that leaves the page; where it leads is its title. */
export const Outside = ({ to, children }: { to: string; children: ComponentChildren }) => (
  <a href={to} title={signed(to)} target="_blank" rel="noopener noreferrer nofollow">
    {children}
  </a>
);

const Blocks = ({ of }: { of: readonly Block[] }) => (
  <>
    {of.map((block, place) => {
      switch (block.kind) {
        case 'blank':
          return null;
        case 'rule':
          return <hr key={place} />;
        case 'heading':
          return (
            <p key={place} class="heading" role="heading" aria-level={6}>
              <Inlines of={block.inner} />
            </p>
          );
        case 'code':
          return (
            <pre key={place} class="codeblock" aria-label={block.language || undefined}>
              <Shown text={block.text} />
            </pre>
          );
        case 'quote':
          return (
            <blockquote key={place}>
              <Blocks of={block.inner} />
            </blockquote>
          );
        case 'list': {
          const items = block.items.map((item, at) => (
            <li key={at}>
              <Blocks of={item} />
            </li>
          ));
          return block.isOrdered ? (
            <ol key={place} start={block.start}>
              {items}
            </ol>
          ) : (
            <ul key={place}>{items}</ul>
          );
        }
        case 'table':
          return (
            <div key={place} class="scroll" role="region" tabIndex={0} aria-label="Table">
              <table>
                <thead>
                  <tr>
                    {block.rows[0]!.map((cell, at) => (
                      <th key={at} scope="col">
                        <Inlines of={cell} />
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {block.rows.slice(1).map((row, at) => (
                    <tr key={at}>
                      {row.map((cell, cellAt) => (
                        <td key={cellAt}>
                          <Inlines of={cell} />
                        </td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          );
        default:
          return (
            <p key={place}>
              <Inlines of={block.inner} />
            </p>
          );
      }
    })}
  </>
);

/** What a model wrote, its Markdown read. */
export const Readable = ({ text }: { text: string }) => {
  const parts = useMemo(() => (text.length <= LARGEST_READABLE ? blocks(text) : undefined), [text]);
  return parts ? (
    <div class="readable">
      <Blocks of={parts} />
    </div>
  ) : (
    <Plain text={text} />
  );
};
