// One polite region for what changes without being asked for, and for what has no place of its own on the screen.
import { signal } from '@preact/signals';

const SHOWN_FOR = 6000;
const said = signal('');
const isShown = signal(false);
let timer: ReturnType<typeof setTimeout>;

/** Tells it once to who does not see it happen. */
export const announce = (text: string): void => {
  // The same text again is said again, since it is another text.
  said.value = said.peek() === text ? `${text}\u00a0` : text;
};

/** Tells it to everybody: it is on the screen for a while. */
export const tell = (text: string): void => {
  announce(text);
  isShown.value = true;
  clearTimeout(timer);
  timer = setTimeout(() => (isShown.value = false), SHOWN_FOR);
};

/** Tells it at the place that is opened next. */
export const tellThere = (text: string): void => addEventListener('hashchange', () => tell(text), { once: true });

// What is on the screen is of the place that one has left.
addEventListener('hashchange', () => (isShown.value = false));

/** It outlives every screen, so that what is said of the last is heard on the next. */
export const Live = () => (
  <div class={isShown.value ? 'toast' : 'vh'} role="status" aria-live="polite" data-testid="said">
    {said}
  </div>
);
