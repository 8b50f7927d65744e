import assert from 'node:assert/strict';
import test, { before, beforeEach } from 'node:test';

/** As much of an element as has to do with the focus. */
class Thing extends EventTarget {
  isConnected = true;
  tabIndex = 0;
  constructor(readonly parentElement: Thing | null = null) {
    super();
  }
  contains(other: Thing | null): boolean {
    return other === this || (other !== null && this.contains(other.parentElement));
  }
  checkVisibility = () => this.isConnected;
  focus(): void {
    page.activeElement = this;
    tell('focusin', this);
  }
}

const body = new Thing();
const main = new Thing(body);
const page = { body, activeElement: body, isFocused: true, hasFocus: () => page.isFocused, getElementById: () => main };
const view = new EventTarget();
let changed = () => {};

const tell = (type: string, target: Thing, relatedTarget: Thing | null = null) =>
  view.dispatchEvent(
    Object.defineProperties(new Event(type), {
      target: { value: target },
      relatedTarget: { value: relatedTarget },
    }),
  );
const soon = () => new Promise((resolve) => setTimeout(resolve));

/** Has the focus, until it goes away as the browser has it: without a word. */
const button = () => {
  const it = new Thing(main);
  it.focus();
  return it;
};
const goes = (it: Thing) => {
  it.isConnected = false;
  if (page.activeElement === it) page.activeElement = body;
  changed();
};

before(async () => {
  Object.assign(globalThis, {
    document: page,
    addEventListener: view.addEventListener.bind(view),
    MutationObserver: class {
      constructor(seen: () => void) {
        changed = seen;
      }
      observe() {}
    },
  });
  (await import('../src/parts/focus.ts')).keepFocus(main as unknown as Element);
});

beforeEach(() => {
  [page.isFocused, page.activeElement] = [true, body];
});

test('the focus moves to what that stood in which goes away', () => {
  goes(button());
  assert.equal(page.activeElement, main);
});

test('it is not taken from another window, and found again when one comes back', () => {
  const it = button();
  page.isFocused = false;
  goes(it);
  assert.equal(page.activeElement, body);
  page.isFocused = true;
  view.dispatchEvent(new Event('focus'));
  assert.equal(page.activeElement, main);
});

test('who has left it on purpose is not led back', async () => {
  const it = button();
  page.activeElement = body;
  tell('focusout', it);
  await soon();
  goes(it);
  assert.equal(page.activeElement, body);
});

test('a window that one leaves, and what says that it goes, lose nothing', async () => {
  const left = button();
  page.isFocused = false;
  tell('focusout', left);
  await soon();
  page.isFocused = true;
  goes(left);
  assert.equal(page.activeElement, main);
  const gone = button();
  page.activeElement = body;
  tell('focusout', gone);
  goes(gone);
  assert.equal(page.activeElement, main);
});
