// What is made only when the reader comes near to its place.

const NEAR = '400px';

/** What waits until it is near, and what happens then. */
const waiting = new Map<Element, () => void>();
let near: IntersectionObserver | undefined;

/** Acts when a place comes near to what is seen, or is to be printed. Gives what ends the wait. */
export const whenNear = (place: Element, act: () => void): (() => void) => {
  near ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) if (entry.isIntersecting) waiting.get(entry.target)?.();
    },
    // The list scrolls by itself beside the step, and with the page above it.
    { rootMargin: NEAR, scrollMargin: NEAR } as IntersectionObserverInit,
  );
  waiting.set(place, act);
  near.observe(place);
  return () => (waiting.delete(place), near!.unobserve(place));
};
// Paper has no end that one comes near to.
addEventListener('beforeprint', () => [...waiting.values()].forEach((act) => act()));
