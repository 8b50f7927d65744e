// The store of a run for a screen that shows it.
import { useEffect, useMemo } from 'preact/hooks';
import { storeOf, type RunStore } from '../run-store.ts';
import { isWatched, whenBack } from '../watch.ts';

/** What was kept is shown at once, and looked at anew: another tab may have changed or deleted it. */
export const useStore = ({ chat, run }: { chat: string; run: string }, shown?: { step?: number }): RunStore => {
  const { store, isKept } = useMemo(() => {
    const store = storeOf(chat, run, shown);
    return { store, isKept: store.detail.now.peek().state === 'ready' };
  }, [chat, run]);
  useEffect(() => {
    if (isKept && isWatched()) void store.look();
    return whenBack(() => store.look());
  }, [store]);
  return store;
};
