// Beside the steps of a run: its tool calls, and what it says of itself.
import { useMemo } from 'preact/hooks';
import { count, fullTime, short } from '../model/say.ts';
import { toolUses } from '../model/tools.ts';
import { CopyButton } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { Some } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import { href, route, stepLink } from '../route.ts';
import { type RunStore } from '../run-store.ts';
import type { RunDetail } from '../types.ts';

export const ToolCalls = ({ store }: { store: RunStore }) => {
  const views = store.read.value;
  const { uses, strays } = useMemo(() => toolUses([...views.values()]), [views]);
  const total = store.outlines.now.value.value?.length ?? 0;
  if (uses.length === 0 && strays.length === 0) return null;
  const open = uses.filter((use) => !use.result && !use.call.is_hosted).length;
  const twice = uses.filter((use) => use.results > 1).length;
  const said = [
    `${count(uses.length)}`,
    open === 0 ? 'all answered' : `${count(open)} not answered${views.size < total ? ' in what is loaded' : ''}`,
    twice > 0 && `${count(twice)} answered twice`,
  ]
    .filter(Boolean)
    .join(', ');
  const here = route.value.screen === 'run' ? route.value.step : undefined;
  return (
    <div class="card tools-card">
      <h2>
        Tool calls <small>{said}</small>
      </h2>
      <ul>
        <Some of={uses} first={50} what="call">
          {(use, place) => (
            <li key={place} class={use.step === here ? 'on' : ''}>
              <Icon name="tool" />
              <a href={stepLink(store, use.step)}>
                <code>
                  <Shown text={use.call.name} />
                </code>
              </a>
              <span class="arg mono">
                <Shown text={use.call.arguments.slice(0, 120)} />
              </span>
              <span class="faint">
                step {use.step}
                {use.call.is_hosted
                  ? ', by the provider'
                  : use.result
                    ? ` → ${use.result.step}${use.result.part.is_error ? ', failed' : ''}${use.isByOrder ? ', by order' : ''}`
                    : ', no result'}
                {use.results > 1 && `, ${use.results} results`}
              </span>
            </li>
          )}
        </Some>
        {strays.map(({ result, step }, place) => (
          <li key={`stray ${place}`}>
            <Icon name="tool" />
            <code>
              <Shown text={result.name ?? result.id ?? 'a result'} />
            </code>
            <span class="grow" />
            <span class="w">step {step}, a result without a call</span>
          </li>
        ))}
      </ul>
    </div>
  );
};

export const About = ({ detail }: { detail: RunDetail }) => (
  <div class="card">
    <h2>About this run</h2>
    <dl class="kv">
      <dt>Run</dt>
      <dd class="mono">
        {detail.id} <CopyButton label="the run's id" text={() => detail.id} />
      </dd>
      {detail.trigger_message_id !== undefined && (
        <>
          <dt>Asked by</dt>
          <dd>
            message <Shown text={String(detail.trigger_message_id)} />
            {detail.history_tip_message_id !== undefined && (
              <Shown text={`; history up to message ${detail.history_tip_message_id}`} />
            )}
          </dd>
        </>
      )}
      {detail.summary.endpoint_label && (
        <>
          <dt>Endpoint</dt>
          <dd class="mono">
            <Shown text={detail.summary.endpoint_label} />
          </dd>
        </>
      )}
      {detail.provider && (
        <>
          <dt>Provider</dt>
          <dd>
            <Shown text={detail.provider} />
          </dd>
        </>
      )}
      {detail.model_config_id && (
        <>
          <dt>Settings</dt>
          <dd class="mono">
            <Shown text={detail.model_config_id} />
          </dd>
        </>
      )}
      {detail.parent_chat_id && (
        <>
          <dt>Came from</dt>
          <dd>
            <a href={href({ screen: 'runs', chat: detail.parent_chat_id })}>
              chat <code>{short(detail.parent_chat_id)}</code>
            </a>
          </dd>
        </>
      )}
      <dt>Changed</dt>
      <dd>{fullTime(detail.updated_at)}</dd>
    </dl>
  </div>
);
