// A button that opens a few more below it. Escape and a choice close it, and give the button the focus back.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';

export const Menu = ({
  class: extra,
  button,
  isBusy = false,
  testid,
  children,
}: {
  class: string;
  /** What stands on the button. */
  button: ComponentChildren;
  /** Whether it opens nothing for now. It keeps the focus. */
  isBusy?: boolean;
  testid?: string;
  children: (close: () => void) => ComponentChildren;
}) => {
  const isOpen = useSignal(false);
  const opener = useRef<HTMLButtonElement>(null);
  const close = () => {
    isOpen.value = false;
    opener.current?.focus();
  };
  return (
    <div
      class={extra}
      onKeyDown={(event) => {
        if (event.key === 'Escape' && isOpen.value) (event.stopPropagation(), close());
      }}
    >
      <button
        ref={opener}
        type="button"
        class={`btn ${extra === 'who' ? 'ghost' : ''}`}
        aria-expanded={isOpen.value}
        aria-disabled={isBusy}
        data-testid={testid}
        onClick={() => isBusy || (isOpen.value = !isOpen.value)}
      >
        {button}
      </button>
      {isOpen.value && <div class="menu">{children(close)}</div>}
    </div>
  );
};
