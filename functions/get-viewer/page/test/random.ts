// Numbers that look random and are the same each time, so that a failure can be repeated.

export const random = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
};
export const below = (next: () => number, limit: number): number => Math.floor(next() * limit);
export const pick = <T>(next: () => number, from: readonly T[]): T => from[below(next, from.length)]!;
