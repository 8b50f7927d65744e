// The reader's recorder keys: what they are, one more, one less. A key itself is here once, in memory, and kept nowhere.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { call, json, type Refusal } from '../api.ts';
import { useKeys } from '../keys.tsx';
import { dateOf, endOfDay, facts, isExpired } from '../model/recorder-key.ts';
import { fullTime } from '../model/say.ts';
import { signed } from '../model/text.ts';
import { Confirm, CopyButton, Problem } from '../parts/bits.tsx';
import { announce } from '../parts/live.tsx';
import { Show } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import { asRefusal, load } from '../resource.ts';
import type { CreateRecorderKey, NewRecorderKey, RecorderKey } from '../types.ts';

const PATH = '/config/recorder-keys';

const Name = ({ of: { label } }: { of: RecorderKey }) =>
  label === undefined ? (
    <span class="muted">Without a label</span>
  ) : (
    <b>
      <Shown text={label} />
    </b>
  );

const Row = ({ of: key, revoke }: { of: RecorderKey; revoke: () => void }) => (
  <li data-testid="key-row" data-key={key.id}>
    <div>
      <p>
        <Name of={key} /> {key.owner_id === undefined && <span class="tag">for any owner</span>}{' '}
        {isExpired(key) && <span class="tag">expired</span>}
      </p>
      <p class="muted" title={`made ${fullTime(key.created_at)}`}>
        {facts(key).join(' · ')}
      </p>
      <p class="faint mono">cdk_{key.id}_…</p>
    </div>
    <button
      type="button"
      class="btn danger"
      data-testid="key-revoke"
      aria-label={`Revoke ${signed(key.label ?? `the key ${key.id}`)}`}
      onClick={revoke}
    >
      Revoke
    </button>
  </li>
);

/** The one time that a key is shown. */
const Secret = ({ of: { key, label, owner_id }, forget }: { of: NewRecorderKey; forget: () => void }) => {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  // What cannot be shown again is not left by a slip of a finger.
  useKeys({ Escape: () => undefined });
  return (
    <div class="card2 col secret">
      <h3 ref={title} tabIndex={-1}>
        {label === undefined ? 'The key is made.' : <Shown text={`“${label}” is made.`} />}
      </h3>
      <p>
        <b>This is the only time that it is shown.</b> Copy it now, and keep it like a password: whoever has it records
        {owner_id === undefined ? ' for everybody' : ' in your name'}.
      </p>
      <code data-testid="key-secret">{key}</code>
      <p class="muted">
        A recorder sends it with each request, as <code>Authorization: Bearer cdk_…</code>
        {owner_id !== undefined && (
          <>
            , and names the chat by <code>external_id</code>
          </>
        )}
        .
      </p>
      <div class="acts">
        <CopyButton label="the key" text={() => key} testid="key-copy">
          Copy the key
        </CopyButton>
        <button type="button" class="btn" data-testid="key-done" onClick={forget}>
          I have it
        </button>
      </div>
    </div>
  );
};

const Make = ({
  isAdmin,
  made,
  failed,
}: {
  isAdmin: boolean;
  made: (key: NewRecorderKey) => void;
  failed: () => void;
}) => {
  const [label, date, isGeneral] = [useSignal(''), useSignal(''), useSignal(false)];
  const isBusy = useSignal(false);
  const refusal = useSignal<Refusal | undefined>(undefined);
  const make = async (event: Event) => {
    event.preventDefault();
    if (isBusy.value) return;
    isBusy.value = true;
    refusal.value = undefined;
    const body: CreateRecorderKey = {
      ...(label.value.trim() ? { label: label.value.trim() } : {}),
      ...(date.value ? { expires_at: endOfDay(date.value) } : {}),
      ...(isAdmin && isGeneral.value ? { general: true } : {}),
    };
    try {
      made(await json<NewRecorderKey>(PATH, { method: 'POST', body, isOnce: true }));
    } catch (failure) {
      refusal.value = asRefusal(failure);
      failed();
    }
    isBusy.value = false;
  };
  // Without an answer, or without the whole of one, nobody knows whether there is a key.
  const isUnsure = refusal.value && (refusal.value.status === 0 || refusal.value.status >= 500);
  return (
    <form class="card2 make" onSubmit={make}>
      <label class="wide">
        What it is for
        <input
          maxLength={100}
          placeholder="my own bot"
          autocomplete="off"
          data-testid="key-label"
          value={label.value}
          onInput={(event) => (label.value = event.currentTarget.value)}
        />
      </label>
      <label>
        Good until the end of
        <input
          type="date"
          min={dateOf(new Date())}
          aria-describedby="key-expiry"
          value={date.value}
          onInput={(event) => (date.value = event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="btn go" data-testid="key-create" disabled={isBusy.value}>
        Make a key
      </button>
      <p id="key-expiry" class="muted wide">
        Without a day it is good until you revoke it.
      </p>
      {isAdmin && (
        <label class="check wide">
          <input
            type="checkbox"
            checked={isGeneral.value}
            onChange={(event) => (isGeneral.value = event.currentTarget.checked)}
          />
          A general key, which records for any owner: for the backend of the chat product
        </label>
      )}
      {refusal.value && (
        <p class="wrong wide" role="alert">
          {refusal.value.message}
          {isUnsure && ' Perhaps a key was made all the same: revoke the one in the list that you have never seen.'}
        </p>
      )}
    </form>
  );
};

export const RecorderKeys = ({ isAdmin }: { isAdmin: boolean }) => {
  const list = useMemo(() => load((signal) => json<RecorderKey[]>(PATH, { signal })), []);
  const fresh = useSignal<NewRecorderKey | undefined>(undefined);
  const asked = useSignal<RecorderKey | undefined>(undefined);
  const problem = useSignal<string | undefined>(undefined);
  const title = useRef<HTMLHeadingElement>(null);
  const made = (key: NewRecorderKey) => {
    fresh.value = key;
    void list.reload();
  };
  const revoke = async (key: RecorderKey) => {
    asked.value = undefined;
    problem.value = await call(`${PATH}/${key.id}`, { method: 'DELETE' }).then(
      () => undefined,
      // It is gone already, which is what was wished.
      (failure: Refusal) => (failure.status === 404 ? undefined : failure.message),
    );
    if (!problem.value) {
      if (fresh.value?.id === key.id) fresh.value = undefined;
      announce('The key is revoked.');
      title.current?.focus();
    }
    await list.reload();
  };
  return (
    <section aria-labelledby="recorder-keys">
      <h2 class="sec" id="recorder-keys" ref={title} tabIndex={-1}>
        Recorder keys
      </h2>
      <p class="muted about">
        With a key of yours a chat product records your chats, without signing in. A key reads nothing, and reaches only
        chats of yours that the product names by <code>external_id</code>.
      </p>
      {fresh.value ? (
        <Secret
          key={fresh.value.id}
          of={fresh.value}
          forget={() => ((fresh.value = undefined), title.current?.focus())}
        />
      ) : (
        <Make isAdmin={isAdmin} made={made} failed={() => void list.reload()} />
      )}
      <Problem of={problem} />
      <Show of={list} what="the recorder keys" rows={2}>
        {(keys) =>
          keys.length === 0 ? (
            <p class="muted about">There is no key yet.</p>
          ) : (
            <ul class="own-keys" aria-label="Recorder keys">
              {keys.map((key) => (
                <Row key={key.id} of={key} revoke={() => (asked.value = key)} />
              ))}
            </ul>
          )
        }
      </Show>
      {asked.value && (
        <Confirm
          title="Revoke this key?"
          action="Revoke for ever"
          onConfirm={() => revoke(asked.value!)}
          onCancel={() => (asked.value = undefined)}
        >
          <p>
            <Name of={asked.value} /> <span class="faint mono">cdk_{asked.value.id}_…</span>
          </p>
          <p>Whatever records with it is refused from now on, for ever. What it has recorded stays.</p>
        </Confirm>
      )}
    </section>
  );
};
