// Keeps a place of the page in view while what stands above it is still being loaded.

const MOVES = ['wheel', 'pointerdown', 'keydown', 'touchstart'];
const QUIET = 1000;

/** Acts when the reader is about to move. Gives what ends it. */
export const whenMoved = (act: () => void): (() => void) => {
  for (const move of MOVES) addEventListener(move, act, { passive: true, capture: true });
  return () => MOVES.forEach((move) => removeEventListener(move, act, { capture: true }));
};

/** Keeps in view what `show` scrolls to, until all of `within` is there, or the reader has moved. Gives what ends it. */
export const stayAt = (within: Element, show: () => void): (() => void) => {
  const page = document.documentElement;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    grows.disconnect();
    clearTimeout(timer);
    unwatch();
    page.style.overflowAnchor = '';
  };
  const rest = () => {
    clearTimeout(timer);
    timer = setTimeout(() => (within.querySelector('[data-state=loading]') ? rest() : stop()), QUIET);
  };
  const go = () => {
    show();
    rest();
  };
  const grows = new ResizeObserver(go);
  const unwatch = whenMoved(stop);
  // Else the browser moves too, as the page grows.
  page.style.overflowAnchor = 'none';
  grows.observe(within);
  return stop;
};
