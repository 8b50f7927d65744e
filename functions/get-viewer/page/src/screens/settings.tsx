// Is this chat recorded, and who decides? The four tiers in their order, with the deciding one marked.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { call, json, Refusal, remove } from '../api.ts';
import { useKeys } from '../keys.tsx';
import { Confirm, Problem, Switch, Toggle } from '../parts/bits.tsx';
import { chatCrumb } from '../parts/chat-name.tsx';
import { Frame } from '../parts/frame.tsx';
import { Icon } from '../parts/icon.tsx';
import { announce } from '../parts/live.tsx';
import { Panel, Show } from '../parts/state.tsx';
import { prefer, preferences, type Theme } from '../preferences.ts';
import { load } from '../resource.ts';
import { back, type Route } from '../route.ts';
import { forget } from '../run-store.ts';
import { looksLikeAdmin } from '../session.ts';
import { RecorderKeys } from './recorder-keys.tsx';
import type { ChatSettings, DeploymentSettings, UserSettings } from '../types.ts';
import { whenBack } from '../watch.ts';

type Override = ChatSettings['override'];
export const OVERRIDES: [Override, string][] = [
  ['inherit', 'As for all my chats'],
  ['on', 'Always record'],
  ['off', 'Never record'],
];

export const setOverride = (chat: string, override: Override): Promise<unknown> =>
  call(`/${chat}/debug-logging`, { method: 'PUT', body: { override } });

/** Who decided, as the end of the sentence "This chat is (not) recorded". */
export const sinceWhom = ({ decided_by, effective, override }: ChatSettings): string => {
  switch (decided_by) {
    case 'deployment':
      return 'since this deployment records every chat';
    case 'gate':
      return 'since recording is not open to users here';
    case 'chat':
      return override === 'on' ? 'since you said always for this chat' : 'since you said never for this chat';
    default:
      return effective ? 'since you opted in for all your chats' : 'since you have not opted in';
  }
};

interface Everything {
  user: UserSettings;
  chat?: ChatSettings;
  deployment?: DeploymentSettings;
}
type TierName = 'deployment' | 'admin' | 'chat' | 'user';

const decidedBy = ({ user, chat }: Everything): TierName => {
  if (chat) return chat.decided_by === 'gate' ? 'admin' : chat.decided_by;
  if (user.forced_by_deployment) return 'deployment';
  return user.user_toggle_allowed ? 'user' : 'admin';
};

const Tier = ({
  name,
  number,
  title,
  deciding,
  children,
  control,
}: {
  name: TierName;
  number: number;
  title: string;
  deciding: TierName;
  children: ComponentChildren;
  control: ComponentChildren;
}) => (
  <li class={name === deciding ? 'here' : ''} data-testid="tier" data-tier={name} data-deciding={name === deciding}>
    <span class="no">{number}</span>
    <div>
      <h2>
        {title} {name === deciding && <span class="dec">decided here</span>}
      </h2>
      <p>{children}</p>
    </div>
    {control}
  </li>
);

const DeleteChat = ({ chat }: { chat: string }) => {
  const state = useSignal<'idle' | 'asking' | 'deleting' | 'deleted'>('idle');
  const problem = useSignal<string | undefined>(undefined);
  const deleteChat = async () => {
    state.value = 'deleting';
    problem.value = undefined;
    try {
      await remove(`/${chat}`);
      forget(chat);
      state.value = 'deleted';
      announce('All recordings of this chat are deleted.');
    } catch (failure) {
      state.value = 'idle';
      problem.value = (failure as Error).message;
    }
  };
  if (state.value === 'deleted')
    return (
      <Panel state="empty" title="All recordings of this chat are deleted.">
        <a href="#/">My chats</a>
      </Panel>
    );
  return (
    <div class="card2">
      <p>
        Deletes every recorded turn of this chat, for ever, and keeps it from being recorded again. The conversation
        itself stays where it is.
      </p>
      <button
        type="button"
        class="btn danger"
        data-testid="delete-chat"
        disabled={state.value === 'deleting'}
        onClick={() => (state.value = 'asking')}
      >
        <Icon name="bin" />
        Delete all recordings
      </button>
      <Problem of={problem} />
      {state.value === 'asking' && (
        <Confirm
          title="Delete all recordings of this chat?"
          action="Delete for ever"
          onConfirm={deleteChat}
          onCancel={() => state.value === 'asking' && (state.value = 'idle')}
        >
          <p>Every recorded turn goes, for ever, and this chat cannot be recorded again. Nobody can bring them back.</p>
        </Confirm>
      )}
    </div>
  );
};

const Browser = () => {
  const { theme, hasKeys, remembers, textSize } = preferences.value;
  return (
    <section>
      <h2 class="sec">This browser</h2>
      <div class="card2 col">
        <div class="f" data-testid="theme">
          <span>Colours</span>
          <Switch<Theme>
            label="Colours"
            value={theme}
            set={(value) => prefer({ theme: value })}
            choices={[
              { value: 'system', label: 'System' },
              { value: 'light', label: 'Light' },
              { value: 'dark', label: 'Dark' },
            ]}
          />
        </div>
        <div class="f">
          <span>Size of recorded text</span>
          <Switch
            label="Size of recorded text"
            value={String(textSize)}
            set={(value) => prefer({ textSize: Number(value) })}
            choices={[
              { value: '12', label: 'Small' },
              { value: '13', label: 'Normal' },
              { value: '15', label: 'Large' },
              { value: '18', label: 'Larger' },
            ]}
          />
        </div>
        <div class="f">
          <span>Single keys as commands</span>
          <Toggle label="Single keys as commands" isOn={hasKeys} set={(value) => prefer({ hasKeys: value })} />
        </div>
        <div class="f">
          <span>Remember the last ten chats, by id alone</span>
          <Toggle
            label="Remember the last ten chats, by id alone"
            isOn={remembers}
            set={(value) => prefer({ remembers: value, chats: [] })}
          />
        </div>
      </div>
    </section>
  );
};

export const SettingsScreen = ({ route: { chat } }: { route: Extract<Route, { screen: 'settings' }> }) => {
  const problem = useSignal<string | undefined>(undefined);
  const isAdmin = useSignal(looksLikeAdmin());
  const all = useMemo(
    () =>
      load<Everything>(async (signal) => {
        // Only an admin may look at the gate itself; nobody else is made to be refused.
        const gate = isAdmin.peek()
          ? json<DeploymentSettings>('/config/debug-logging', { signal }).catch((failure: Refusal) => {
              if (failure.status !== 403) throw failure;
              problem.value = failure.message;
              isAdmin.value = false;
            })
          : undefined;
        const [user, ofChat, deployment] = await Promise.all([
          json<UserSettings>('/config/user-debug-logging', { signal }),
          chat ? json<ChatSettings>(`/${chat}/debug-logging`, { signal }) : undefined,
          gate,
        ]);
        return { user, chat: ofChat, deployment: deployment ?? undefined };
      }),
    [chat],
  );
  useEffect(() => whenBack(all.reload), [all]);
  const change = async (work: Promise<unknown>) => {
    problem.value = await work.then(
      () => undefined,
      (failure: Error) => failure.message,
    );
    await all.reload();
    announce(problem.value ?? 'Changed.');
  };
  const put = (path: string, body: unknown) => change(call(path, { method: 'PUT', body }));
  useKeys({ Escape: () => back(chat ? { screen: 'runs', chat } : { screen: 'chats' }) });
  const crumbs = [...(chat ? [chatCrumb(chat)] : []), { label: 'Settings' }];
  return (
    <Frame
      title="Settings"
      crumbs={crumbs}
      keys={[['Esc', 'back']]}
      skip={{ to: 'tiers', label: 'Skip to the settings' }}
    >
      <div class="page small">
        <h1>{chat ? 'Is this chat recorded?' : 'Are my chats recorded?'}</h1>
        <Show of={all} what="the settings" rows={5}>
          {(value) => {
            const { user, deployment } = value;
            const isOn = value.chat?.effective ?? user.debug_logging_enabled;
            const deciding = decidedBy(value);
            const isOpen = user.user_toggle_allowed;
            return (
              <>
                <p class="ans" role="status">
                  <span class="on">
                    <i class={isOn ? '' : 'off'} />
                    {isOn ? 'Yes' : 'No'}
                  </span>{' '}
                  {sinceWhom(
                    value.chat ?? {
                      decided_by: deciding === 'admin' ? 'gate' : deciding,
                      effective: isOn,
                      override: 'inherit',
                    },
                  ).replace('since', 'because')}
                  .
                </p>
                {problem.value && (
                  <div class="notice warn" role="alert">
                    {problem.value}
                  </div>
                )}
                <ol id="tiers" class="tiers" tabIndex={-1} aria-label="Who decides, in this order">
                  <Tier
                    name="deployment"
                    number={1}
                    title="The deployment"
                    deciding={deciding}
                    control={<span class="tag">{user.forced_by_deployment ? 'records everything' : 'not forced'}</span>}
                  >
                    {user.forced_by_deployment
                      ? 'Records every chat. Nobody below can change that; ask the operator.'
                      : 'Leaves it to the others. If it recorded every chat, nobody below could change that.'}
                  </Tier>
                  <Tier
                    name="admin"
                    number={2}
                    title="An admin"
                    deciding={deciding}
                    control={
                      deployment ? (
                        <Toggle
                          label="Let users record"
                          testid="gate"
                          isOn={deployment.allow_users}
                          set={(allow) => put('/config/debug-logging', { allow_users: allow })}
                        />
                      ) : (
                        <span class="gate">
                          <span class="tag">
                            {user.forced_by_deployment ? 'does not count' : isOpen ? 'open' : 'closed'}
                          </span>
                          <button
                            type="button"
                            class="btn ghost"
                            onClick={() => ((isAdmin.value = true), void all.reload())}
                          >
                            I am an admin
                          </button>
                        </span>
                      )
                    }
                  >
                    {isOpen || user.forced_by_deployment
                      ? 'Lets users record. If this were closed, nothing would be recorded, whatever you say below.'
                      : 'Does not let users record. Nothing is recorded, whatever you say below. You can still say no.'}
                  </Tier>
                  {value.chat && (
                    <Tier
                      name="chat"
                      number={3}
                      title="This chat"
                      deciding={deciding}
                      control={
                        <select
                          aria-label="This chat"
                          data-testid="override"
                          value={value.chat.override}
                          onChange={(event) => change(setOverride(chat!, event.currentTarget.value as Override))}
                        >
                          {OVERRIDES.map(([of, label]) => (
                            <option key={of} value={of} selected={of === value.chat!.override}>
                              {label}
                            </option>
                          ))}
                        </select>
                      }
                    >
                      You can say otherwise for this one chat. "Never" always works
                      {user.forced_by_deployment ? ', unless the deployment records everything' : ''}.
                    </Tier>
                  )}
                  <Tier
                    name="user"
                    number={value.chat ? 4 : 3}
                    title="You"
                    deciding={deciding}
                    control={
                      <OptIn
                        user={user}
                        put={(isIn) => put('/config/user-debug-logging', { debug_logging_enabled: isIn })}
                      />
                    }
                  >
                    Record my chats{value.chat ? ', unless a chat says otherwise' : ''}. You can stop at any time.
                  </Tier>
                </ol>
                <p class="muted sm">
                  What was recorded before stays readable for you until you delete it. Nobody else can read it through
                  this service, admins included.
                </p>
                {chat && (
                  <section>
                    <h2 class="sec">This chat's recordings</h2>
                    <DeleteChat chat={chat} />
                  </section>
                )}
              </>
            );
          }}
        </Show>
        {all.now.value.value && <RecorderKeys isAdmin={isAdmin.value} />}
        <Browser />
      </div>
    </Frame>
  );
};

/** While the gate is closed, the API does not say what was opted; to say no works all the same. */
const OptIn = ({ user, put }: { user: UserSettings; put: (isIn: boolean) => void }) =>
  user.user_toggle_allowed || user.forced_by_deployment ? (
    <Toggle
      label="Record my chats"
      testid="opt-in"
      isOn={user.debug_logging_enabled}
      isDisabled={user.forced_by_deployment}
      set={put}
    />
  ) : (
    <button type="button" class="btn" data-testid="opt-in" onClick={() => put(false)}>
      Say no
    </button>
  );
