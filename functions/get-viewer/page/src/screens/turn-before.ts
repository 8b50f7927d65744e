// Comparing with the turn before, which is looked for in the chat's list of runs.
import { tell } from '../parts/live.tsx';
import { useLeaving } from '../parts/leaving.ts';
import { asRefusal } from '../resource.ts';
import { hasLeft, open } from '../route.ts';
import { turnBefore, type RunStore } from '../run-store.ts';

/** Compares a run, or a step of it with the last of the turn before; nothing when the reader has gone on meanwhile. */
export const useTurnBefore = (store: RunStore, step?: number): (() => Promise<void>) => {
  const leaving = useLeaving(store, step);
  const { chat, run } = store;
  return async () => {
    try {
      const other = await turnBefore(store, leaving);
      if (leaving.aborted || hasLeft()) return;
      if (!other) return tell('There is no turn before this one.');
      open({ screen: 'compare', a: { ...other, step: step && other.step }, b: { chat, run, step } });
    } catch (failure) {
      if (!leaving.aborted) tell(asRefusal(failure).message);
    }
  };
};
