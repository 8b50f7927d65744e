// What stands where nothing can be shown yet, or at all. Each state has words of its own.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Refusal } from '../api.ts';
import { many } from '../model/say.ts';
import type { Loading, Resource } from '../resource.ts';

export const Panel = ({ state, title, children }: { state: string; title: string; children?: ComponentChildren }) => (
  <div class="state" data-testid="state" data-state={state} role={state === 'loading' ? undefined : 'status'}>
    <p class="title">{title}</p>
    {children}
  </div>
);

const NOT_FOUND = 'There is no such chat or run, or it is not yours.';

export const Refused = ({ refusal, retry }: { refusal: Refusal; retry?: () => void }) => {
  const again = retry && (
    <button type="button" class="btn" onClick={retry}>
      Try again
    </button>
  );
  if (refusal.status === 404 || refusal.type === 'invalid-id') {
    return (
      <Panel state="not-found" title={NOT_FOUND}>
        <p>
          Check the link, or whether you are signed in as the chat's owner. <a href="#/">All my chats</a>
        </p>
      </Panel>
    );
  }
  if (refusal.type === 'user-only') {
    return (
      <Panel state="recorder" title="This token records and cannot read.">
        <p>Sign in as a user.</p>
      </Panel>
    );
  }
  if (refusal.type === 'offline')
    return (
      <Panel state="offline" title="The service cannot be reached.">
        <p>Perhaps you are offline. What is loaded stays.</p>
        {again}
      </Panel>
    );
  if (refusal.type === 'cancelled')
    return (
      <Panel state="cancelled" title={refusal.message}>
        {again}
      </Panel>
    );
  if (refusal.status === 401)
    return (
      <Panel state="failed" title="Your sign-in has ended.">
        <p>Sign in again to load this.</p>
      </Panel>
    );
  return (
    <Panel state="failed" title={refusal.message}>
      {refusal.status > 0 && <p class="muted">The service answered {refusal.status}.</p>}
      {again}
    </Panel>
  );
};

/** Bars of the right height, and after a second what is being waited for. */
export const Waiting = ({
  what,
  rows = 3,
  isSlow,
  retry,
  cancel,
}: {
  what: string;
  rows?: number;
  isSlow?: boolean;
  retry?: () => void;
  cancel?: () => void;
}) => {
  const isLong = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => (isLong.value = true), 1000);
    return () => clearTimeout(timer);
  }, []);
  if (isSlow) {
    return (
      <Panel state="slow" title="The service has not answered yet.">
        {retry && (
          <button type="button" class="btn" onClick={retry}>
            Try again
          </button>
        )}
      </Panel>
    );
  }
  return (
    <div class="waiting" data-testid="state" data-state="loading" aria-busy="true">
      {Array.from({ length: rows }, (_, row) => (
        <i key={row} />
      ))}
      {isLong.value && (
        <p class="muted">
          Reading {what}.{' '}
          {cancel && (
            <button type="button" class="btn ghost" onClick={cancel}>
              Cancel
            </button>
          )}
        </p>
      )}
    </div>
  );
};

/** Shows what is loaded, also while it is loaded again or when that failed. */
export const Show = <T,>({
  of,
  what,
  rows,
  children,
}: {
  of: Resource<T>;
  what: string;
  rows?: number;
  children: (value: T) => ComponentChildren;
}) => {
  const now: Loading<T> = of.now.value;
  const note =
    now.state === 'ready' ? null : now.state === 'failed' ? (
      <Refused refusal={now.refusal} retry={of.reload} />
    ) : now.value === undefined || now.isSlow ? (
      <Waiting what={what} rows={rows} isSlow={now.isSlow} retry={of.reload} cancel={of.cancel} />
    ) : null;
  // In the same place in each state, so that what is shown stays what it is: open, filled in, with the focus.
  return (
    <>
      {note}
      {(now.state === 'ready' || now.value !== undefined) && children(now.value as T)}
    </>
  );
};

/** A part of a long list, with the way to see more of it. */
export const Some = <T,>({
  of,
  first = 100,
  what,
  as: Rest = 'li',
  children,
}: {
  of: readonly T[];
  first?: number;
  what: string;
  /** What the way to more stands in. */
  as?: 'li' | 'p';
  children: (item: T, place: number) => ComponentChildren;
}) => {
  const limit = useSignal(first);
  useEffect(() => {
    if (first > limit.peek()) limit.value = first;
  }, [first]);
  const left = of.length - limit.value;
  return (
    <>
      {of.slice(0, limit.value).map(children)}
      {left > 0 && (
        <Rest class="rest">
          <button type="button" class="btn ghost" onClick={() => (limit.value += first * 5)}>
            {many(left, `more ${what}`, `more ${what}s`)}
          </button>
        </Rest>
      )}
    </>
  );
};
