// A list of which more pages are loaded than the first, which is read again and again.

interface Listed {
  id: string;
}

/** The list once its first page is read again: what is older stays as it was read, and what is gone from the page goes. */
export const seenAnew = <T extends Listed>(
  { runs, next }: { runs: T[]; next?: string },
  first: { items: T[]; next?: string },
): { runs: T[]; next: string | undefined } => {
  if (!first.next) return { runs: first.items, next: undefined };
  const last = first.items.at(-1);
  // A page of a filter may be empty before the one with the matches.
  if (!last) return { runs, next };
  const from = runs.findIndex((run) => run.id === last.id);
  // Without a run in common, nobody knows what came between them.
  return from < 0 ? { runs: first.items, next: first.next } : { runs: [...first.items, ...runs.slice(from + 1)], next };
};
