// A run: what it was and took, its steps on a time line, and one of them in full.
import { computed, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../keys.tsx';
import { many, STATUS, time, timeOfId } from '../model/say.ts';
import { chatCrumb } from '../parts/chat-name.tsx';
import { Frame } from '../parts/frame.tsx';
import { announce } from '../parts/live.tsx';
import { Panel, Refused, Show, Waiting } from '../parts/state.tsx';
import { choose, href, open, route, type Route } from '../route.ts';
import { defaultStep } from '../run-store.ts';
import { whileLive } from '../watch.ts';
import { About, ToolCalls } from './run-cards.tsx';
import { Head } from './run-head.tsx';
import { Hits, SearchField, useSearch } from './search.tsx';
import { StepPanel } from './step.tsx';
import { useStore } from './use-store.ts';
import { Waterfall } from './waterfall.tsx';

const KEYS: [string, string][] = [
  ['j k', 'step'],
  ['n p', 'message'],
  ['1 2 3 4', 'part'],
  ['/', 'search'],
  ['c', 'compare'],
  ['y', 'copy link'],
];

type Here = Extract<Route, { screen: 'run' }>;

export const RunScreen = ({ route: to }: { route: Here }) => {
  const store = useStore(to, { step: to.step });
  const chosen = useMemo(() => {
    // A step that comes while one reads does not take the place of the one that was shown first.
    let first: number | undefined;
    return computed(() => {
      const here = route.value;
      const asked = here.screen === 'run' && here.run === store.run ? here.step : undefined;
      return asked ?? (first ??= defaultStep(store.outlines.now.value.value ?? []));
    });
  }, [store]);
  const search = useSearch(store, chosen);
  const isSearchOpen = useSignal(false);
  const isFollowing = useSignal(false);
  const isLive = store.isLive.value;
  useEffect(() => (isLive ? whileLive(store) : undefined), [store, isLive]);
  useEffect(() => {
    const aborting = new AbortController();
    void store.readSmall(aborting.signal);
    return () => aborting.abort();
  }, [store]);
  const outlines = store.outlines.now.value.value;
  const detail = store.detail.now.value.value;
  const go = (by: number) => {
    const at = outlines?.findIndex((step) => step.step_number === chosen.value) ?? -1;
    const next = outlines?.[at + by];
    if (!next) return;
    choose({ screen: 'run', chat: to.chat, run: to.run, step: next.step_number });
  };
  useKeys({
    j: () => go(1),
    k: () => go(-1),
    f: () => (isFollowing.value = !isFollowing.value),
    Escape: () => (isSearchOpen.value ? (isSearchOpen.value = false) : open({ screen: 'runs', chat: to.chat })),
  });
  const goToLast = () => {
    const last = outlines?.at(-1)?.step_number;
    store.newSteps.value = 0;
    if (last !== undefined) choose({ screen: 'run', chat: to.chat, run: to.run, step: last });
  };
  useEffect(() => {
    if (isFollowing.value && store.newSteps.value > 0) goToLast();
  }, [store.newSteps.value, isFollowing.value]);

  const newSteps = store.newSteps.value;
  useEffect(() => {
    if (newSteps > 0) announce(many(newSteps, 'new step'));
  }, [newSteps]);
  const wasLive = useRef(false);
  useEffect(() => {
    if (wasLive.current && detail && !isLive) announce(`The run has ended: ${STATUS[detail.status]}.`);
    wasLive.current = isLive;
  }, [isLive]);

  const left = useMemo(
    () =>
      outlines && (
        <Waterfall store={store} outlines={outlines} detail={detail} chosen={chosen} hits={search.stepsWithHits} />
      ),
    [store, outlines, detail],
  );
  const began = detail?.started_at ?? timeOfId(to.run);
  const refusal = store.detail.now.value.state === 'failed' ? store.detail.now.value.refusal : undefined;
  const hasSteps = !(refusal && !detail) && outlines?.length !== 0;
  const content = () => {
    if (refusal && !detail)
      return (
        <div class="page narrow">
          <h1 class="vh">{began ? `Run of ${time(began)}` : 'Run'}</h1>
          <Refused refusal={refusal} retry={() => (void store.detail.reload(), void store.outlines.reload())} />
        </div>
      );
    const number = chosen.value;
    return (
      <>
        {detail ? (
          <Head store={store} detail={detail} outlines={outlines ?? []} />
        ) : (
          <section class="head">
            <div class="h-l">
              <h1>{began ? `Run of ${time(began)}` : 'Run'}</h1>
              <Show of={store.detail} what="the run" rows={1}>
                {() => null}
              </Show>
            </div>
          </section>
        )}
        <Hits
          store={store}
          search={search}
          isOpen={isSearchOpen}
          total={outlines?.length ?? 0}
          here={number === undefined ? undefined : store.outline(number)}
        />
        {outlines?.length === 0 ? (
          <div class="page narrow">
            <Panel state="empty" title={detail?.status === 'in_progress' ? 'No step yet.' : 'This run has no step.'}>
              {detail?.status === 'in_progress' && <p>It is looked for every few seconds.</p>}
            </Panel>
            {detail && <About detail={detail} />}
          </div>
        ) : (
          <div class="split">
            <section class="left" aria-label="The run">
              <Show of={store.outlines} what="the steps" rows={6}>
                {() => left}
              </Show>
              {(store.isLive.value || store.newSteps.value > 0) && (
                <p class="acts follow">
                  {store.isLive.value && (
                    <button
                      type="button"
                      class="btn"
                      data-testid="follow"
                      aria-pressed={isFollowing.value}
                      onClick={() => (isFollowing.value = !isFollowing.value)}
                    >
                      Follow <kbd aria-hidden="true">f</kbd>
                    </button>
                  )}
                  {store.newSteps.value > 0 && (
                    <button type="button" class="btn" data-testid="new-steps" onClick={goToLast}>
                      {many(store.newSteps.value, 'new step')}
                    </button>
                  )}
                </p>
              )}
              <ToolCalls store={store} />
              {detail && <About detail={detail} />}
            </section>
            <article class="right" id="step" tabIndex={-1} aria-labelledby="st" data-testid="step" data-step={number}>
              {outlines && number !== undefined && !outlines.some((step) => step.step_number === number) ? (
                <p class="state" data-testid="state" data-state="not-found">
                  This run has no step {number}.
                </p>
              ) : outlines && number !== undefined ? (
                <StepPanel
                  store={store}
                  outlines={outlines}
                  number={number}
                  place={to.step === number ? to.part : undefined}
                />
              ) : (
                <div class="part">
                  <Waiting what="the step" rows={6} />
                </div>
              )}
            </article>
          </div>
        )}
      </>
    );
  };
  return (
    <Frame
      title={began ? `Run of ${time(began)}` : 'Run'}
      crumbs={[chatCrumb(to.chat), { label: began ? `Run of ${time(began)}` : 'Run' }]}
      settings={href({ screen: 'settings', chat: to.chat })}
      skip={{ to: 'step', label: 'Skip to the step' }}
      find={<SearchField search={search} isOpen={isSearchOpen} />}
      keys={hasSteps ? KEYS : []}
    >
      {content()}
    </Frame>
  );
};
