// Whether a chat is recorded, beside its runs or in their place.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { json } from '../api.ts';
import { announce } from '../parts/live.tsx';
import { Panel, Show } from '../parts/state.tsx';
import { load } from '../resource.ts';
import { href } from '../route.ts';
import type { ChatSettings } from '../types.ts';
import { whenBack } from '../watch.ts';
import { OVERRIDES, setOverride, sinceWhom } from './settings.tsx';

/** Read anew by whoever comes back: another tab may have changed them. */
const useSettings = (chat: string) => {
  const settings = useMemo(() => load((signal) => json<ChatSettings>(`/${chat}/debug-logging`, { signal })), [chat]);
  useEffect(() => whenBack(settings.reload), [settings]);
  return settings;
};

export const Recording = ({ chat }: { chat: string }) => {
  const settings = useSettings(chat);
  const now = settings.now.value;
  const problem = useSignal<string | undefined>(undefined);
  if (now.state === 'failed' && !now.value) return null;
  const value = now.value;
  if (!value)
    return (
      <div class="rec">
        <span class="muted">Is this chat recorded?</span>
      </div>
    );
  const change = async (override: ChatSettings['override']) => {
    problem.value = await setOverride(chat, override).then(
      () => undefined,
      (failure: Error) => failure.message,
    );
    await settings.reload();
    announce(problem.value ?? 'Changed.');
  };
  return (
    <div class="rec" role="group" aria-label="Recording">
      <span class="on">
        <i class={value.effective ? '' : 'off'} />
        This chat is {value.effective ? '' : 'not '}recorded
      </span>
      <span class="muted">{sinceWhom(value)}</span>
      <label>
        For this chat{' '}
        <select
          data-testid="override"
          value={value.override}
          onChange={(event) => change(event.currentTarget.value as ChatSettings['override'])}
        >
          {OVERRIDES.map(([of, label]) => (
            <option key={of} value={of} selected={of === value.override}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {problem.value && (
        <span class="wrong" role="alert">
          {problem.value}
        </span>
      )}
    </div>
  );
};

export const NotYet = ({ chat }: { chat: string }) => {
  const settings = useSettings(chat);
  return (
    <Show of={settings} what="the settings" rows={2}>
      {(value) =>
        value.effective ? (
          <Panel state="empty" title="Nothing recorded yet.">
            <p>The next turn of this chat will be.</p>
          </Panel>
        ) : (
          <Panel state="not-recorded" title="Nothing is recorded.">
            <p>
              {whyNot(value)} <a href={href({ screen: 'settings', chat })}>Settings</a>
            </p>
          </Panel>
        )
      }
    </Show>
  );
};

const whyNot = ({ decided_by }: ChatSettings): string => {
  if (decided_by === 'gate') return 'Recording is not open to users here. An admin of this deployment can open it.';
  return decided_by === 'chat' ? 'You said never for this chat.' : 'You have not opted in.';
};
