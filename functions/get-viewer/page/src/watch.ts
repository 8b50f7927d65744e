// When to look again at what may have changed elsewhere: while somebody sees it, and never after that.
import type { RunStore } from './run-store.ts';
import { hasEnded } from './session.ts';

/** Whether asking makes sense: somebody sees the page, has a network, and is signed in. */
export const isWatched = (): boolean => !document.hidden && navigator.onLine && !hasEnded.peek();

/** Looks whenever the reader comes back from another tab, until what it gives is called. */
export const whenBack = (look: () => Promise<void>): (() => void) => {
  const back = () => void (isWatched() && look());
  document.addEventListener('visibilitychange', back);
  return () => document.removeEventListener('visibilitychange', back);
};

/** Every 2 s; after a minute without change every 5 s, after five every 15 s. */
const rhythm = (quiet: number): number => (quiet > 300_000 ? 15_000 : quiet > 60_000 ? 5_000 : 2_000);

/** Looks again and again while the run is live, until what it gives is called. */
export const whileLive = (store: RunStore): (() => void) => {
  let isOver = false;
  let timer: ReturnType<typeof setTimeout>;
  let [updated, changed] = ['', Date.now()];
  const round = async () => {
    const now = store.detail.now.peek().value?.updated_at ?? '';
    if (now !== updated) [updated, changed] = [now, Date.now()];
    if (isWatched()) await store.look();
    // While it waited, the reader may have left, or the run may have ended or gone.
    if (!isOver && store.isLive.peek()) timer = setTimeout(round, rhythm(Date.now() - changed));
  };
  timer = setTimeout(round, 2000);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
};
