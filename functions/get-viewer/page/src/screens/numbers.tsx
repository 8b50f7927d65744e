// Two steps or two runs in numbers, and their difference.
import { between, cached, count, duration, sumOf } from '../model/say.ts';
import { firstBytesOf, median } from '../model/waterfall.ts';
import { Shown } from '../parts/text.tsx';
import { type RunStore } from '../run-store.ts';
import type { Outline, StepView } from '../types.ts';

const endedWith = (view: StepView | undefined): string =>
  view?.answer.find((choice) => choice.finish)?.finish?.said ?? view?.error?.code ?? view?.outcome ?? '';

const difference = (a: number | undefined, b: number | undefined, say: (number: number) => string): string => {
  if (a === undefined || b === undefined) return '';
  const by = b - a;
  return by === 0 ? '0' : `${by > 0 ? '+' : '−'}${say(Math.abs(by))}`;
};

interface Figures {
  took?: number;
  first?: number;
  input?: number;
  share?: number;
  output?: number;
  attempts?: number;
  ended?: string;
}

export const figuresOf = (
  outline: Outline | undefined,
  view: StepView | undefined,
  first: number | undefined,
): Figures => ({
  took: between(outline?.started_at, outline?.finished_at),
  first,
  input: outline?.input_tokens,
  share: cached(outline?.cache_read_tokens, outline?.input_tokens),
  output: outline?.output_tokens,
  attempts: outline ? outline.attempts.length + (outline.attempts_left_out ?? 0) : undefined,
  ended: endedWith(view),
});

export const runFigures = (store: RunStore): Figures => {
  const run = store.detail.now.value.value;
  const outlines = store.outlines.now.value.value ?? [];
  return {
    took: between(run?.started_at, run?.finished_at),
    first: median(firstBytesOf(run?.steps ?? [])),
    input: sumOf(outlines, 'input_tokens'),
    share: cached(sumOf(outlines, 'cache_read_tokens'), sumOf(outlines, 'input_tokens')),
    output: sumOf(outlines, 'output_tokens'),
    attempts: outlines.reduce((total, step) => total + step.attempts.length + (step.attempts_left_out ?? 0), 0),
    ended: run?.status,
  };
};

export const Numbers = ({ a, b, of: what }: { a: Figures; b: Figures; of: 'steps' | 'runs' }) => {
  const row = (of: Figures) => (
    <>
      <td>{of.took !== undefined && duration(of.took)}</td>
      <td>{of.first !== undefined && duration(of.first)}</td>
      <td>{of.input !== undefined && count(of.input)}</td>
      <td>{of.share !== undefined && `${of.share} %`}</td>
      <td>{of.output !== undefined && count(of.output)}</td>
      <td>{of.attempts}</td>
      <td>
        <code>
          <Shown text={of.ended ?? ''} />
        </code>
      </td>
    </>
  );
  return (
    <div class="scroll" role="region" tabIndex={0} aria-label={`The two ${what} in numbers`}>
      <table class="nums">
        <caption class="vh">The two {what} in numbers</caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="vh">Side</span>
            </th>
            <th scope="col">Took</th>
            <th scope="col">First byte</th>
            <th scope="col">Input</th>
            <th scope="col">From cache</th>
            <th scope="col">Output</th>
            <th scope="col">Attempts</th>
            <th scope="col">Ended with</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">A</th>
            {row(a)}
          </tr>
          <tr>
            <th scope="row">B</th>
            {row(b)}
          </tr>
          <tr class="delta">
            <th scope="row">B − A</th>
            <td>{difference(a.took, b.took, duration)}</td>
            <td>{difference(a.first, b.first, duration)}</td>
            <td>{difference(a.input, b.input, count)}</td>
            <td>{difference(a.share, b.share, String)}</td>
            <td>{difference(a.output, b.output, count)}</td>
            <td>{difference(a.attempts, b.attempts, String)}</td>
            <td>{a.ended === b.ended ? 'same' : 'differs'}</td>
          </tr>
        </tbody>
      </table>
    </div>
  );
};

export const firstByte = (store: RunStore, number: number): number | undefined =>
  store.stepOf(number)?.attempts.at(-1)?.first_byte_ms;
