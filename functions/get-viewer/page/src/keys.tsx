// Single keys as commands. They act only when no field has the focus and no other key is held, and can be switched off.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { preferences } from './preferences.ts';

type Keys = Record<string, () => void>;
const layers: Keys[] = [];
export const isHelpOpen = signal(false);

const isTyping = (target: EventTarget | null): target is HTMLElement =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=checkbox]), select, textarea'));

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.querySelector('dialog[open]'))
    return;
  if (isTyping(event.target)) {
    // Escape leaves the field, and not what is written there.
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  if (event.key !== 'Escape' && !preferences.value.hasKeys) return;
  // Enter and space act on what has the focus.
  if (
    (event.key === 'Enter' || event.key === ' ') &&
    event.target instanceof HTMLElement &&
    event.target.matches('a, button, summary, input')
  )
    return;
  const act = layers.findLast((keys) => keys[event.key])?.[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});

/** Gives keys a meaning for as long as the component is there; later ones go first. */
export const useKeys = (keys: Keys): void => {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const layer: Keys = new Proxy({}, { get: (_, key) => latest.current[key as string] });
    layers.push(layer);
    return () => void layers.splice(layers.indexOf(layer), 1);
  }, []);
};

const HELP: [string, string][] = [
  ['j k', 'next, previous row or step'],
  ['n p', 'next, previous message or difference'],
  ['1 … 4', 'part of the step'],
  ['o', 'open a row'],
  ['r', 'readable or as sent'],
  ['f', 'follow a running run'],
  ['[ ]', 'previous, next attempt'],
  ['/', 'search'],
  ['Enter', 'next hit, with Shift the previous'],
  ['c', 'compare'],
  ['x', 'choose a run'],
  ['s', 'swap the two sides'],
  ['y', 'copy a link to here'],
  ['Esc', 'back, close'],
  ['?', 'all keys'],
];

export const Help = () => {
  const dialog = useRef<HTMLDialogElement>(null);
  const close = useRef<HTMLButtonElement>(null);
  useKeys({ '?': () => (isHelpOpen.value = true) });
  useEffect(() => {
    if (!isHelpOpen.value) return;
    dialog.current?.showModal();
    close.current?.focus();
  }, [isHelpOpen.value]);
  if (!isHelpOpen.value) return null;
  return (
    <dialog ref={dialog} data-testid="keys" aria-labelledby="keys-title" onClose={() => (isHelpOpen.value = false)}>
      <h2 id="keys-title">Keys</h2>
      <dl class="keylist">
        {HELP.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">
        They act when no field has the focus.{' '}
        <a href="#/settings" onClick={() => dialog.current?.close()}>
          Switch them off
        </a>
      </p>
      <div class="acts">
        <button type="button" class="btn" ref={close} onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
};
