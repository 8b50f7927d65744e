// When what somebody waits for is wished for no more.
import { useLayoutEffect, useMemo } from 'preact/hooks';

/** A signal that is aborted when the component that asks for it goes away, or what it is about changes. */
export const useLeaving = (...about: readonly unknown[]): AbortSignal => {
  const leaving = useMemo(() => new AbortController(), about);
  // One can leave before it is painted, after which other effects run.
  useLayoutEffect(() => () => leaving.abort(), [leaving]);
  return leaving.signal;
};
