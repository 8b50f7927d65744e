// One polite region for what changes without being asked for.
import { signal } from '@preact/signals';

const said = signal('');

/** Tells it once to who does not see it happen. */
export const announce = (text: string): void => {
  // The same text again is said again, since it is another text.
  said.value = said.peek() === text ? `${text}\u00a0` : text;
};

export const Live = () => (
  <div class="vh" role="status" aria-live="polite">
    {said}
  </div>
);
