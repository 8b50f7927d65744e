// Focus is never lost: when what has it goes away, it moves to what that stood in. Whoever cannot see the page, or uses no
// mouse, would otherwise begin again at its top.

/** What has the focus, and what it stands in, from the inside out. */
let around: HTMLElement[] = [];

const remember = (event: FocusEvent): void => {
  around = [];
  for (let at = event.target as HTMLElement | null; at; at = at.parentElement) around.push(at);
};

/** Somebody who takes the focus from where it is to nowhere, such as by a click beside it, has not lost it. */
const letGo = ({ target, relatedTarget }: FocusEvent): void => {
  if (relatedTarget) return;
  // What goes away is still there now, and the focus of a window that one leaves is still there later.
  setTimeout(() => {
    const [last] = around;
    if (last === target && last?.isConnected && document.activeElement !== last) around = [];
  });
};

const rescue = (): void => {
  const [lost] = around;
  // While one types in another window, or in the page that embeds this one, the focus is theirs.
  if (!document.hasFocus()) return;
  if (!lost || lost.isConnected || document.activeElement !== document.body) return;
  const left = around.find((element) => element.isConnected && element.checkVisibility());
  const main = document.getElementById('main');
  const to = left && main?.contains(left) ? left : main;
  if (!to) return;
  // It is no stop for who goes on with the Tab key, which begins from here.
  if (to.tabIndex < 0 && !to.hasAttribute('tabindex')) {
    to.tabIndex = -1;
    to.addEventListener('blur', () => to.removeAttribute('tabindex'), { once: true });
  }
  to.focus({ preventScroll: true });
};

/** Keeps the focus within what is there. */
export const keepFocus = (within: Element): void => {
  addEventListener('focusin', remember);
  addEventListener('focusout', letGo);
  // What went away meanwhile.
  addEventListener('focus', rescue);
  new MutationObserver(rescue).observe(within, { childList: true, subtree: true });
};
