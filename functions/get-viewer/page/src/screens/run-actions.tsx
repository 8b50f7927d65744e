// What one does with a whole run: compare it, take it away, delete it.
import { useSignal } from '@preact/signals';
import { bytes, call, nextOf, remove } from '../api.ts';
import { shortRun } from '../model/say.ts';
import { Confirm, Problem, save } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { useLeaving } from '../parts/leaving.ts';
import { tell, tellThere } from '../parts/live.tsx';
import { Menu } from '../parts/menu.tsx';
import { open } from '../route.ts';
import { forget, type RunStore } from '../run-store.ts';
import { useTurnBefore } from './turn-before.ts';

const joined = async (path: string): Promise<string[]> => {
  // The answers' own texts, joined without being parsed: numbers and spellings stay as they are.
  const texts: string[] = [];
  for (let next: string | undefined = path; next;) {
    const answer: Response = await call(next);
    texts.push(await answer.text());
    next = nextOf(answer);
  }
  return texts;
};

export const Actions = ({ store }: { store: RunStore }) => {
  const state = useSignal<'idle' | 'asking' | 'busy'>('idle');
  const problem = useSignal<string | undefined>(undefined);
  const leaving = useLeaving(store);
  const compareWithTurn = useTurnBefore(store);
  const name = `run-${shortRun(store.run)}`;
  const attempt = async (work: () => Promise<void>) => {
    state.value = 'busy';
    problem.value = undefined;
    await work().catch((failure: Error) => (problem.value = failure.message));
    state.value = 'idle';
  };
  const downloadJson = () =>
    attempt(async () => {
      const [first, ...more] = await joined(store.path);
      save(more.length === 0 ? [first!] : [`[${[first, ...more].join(',\n')}]`], `${name}.json`, 'application/json');
    });
  const downloadHar = () =>
    attempt(async () => save([await bytes(`${store.path}/har`)], `${name}.har`, 'application/json'));
  const deleteRun = () =>
    attempt(async () => {
      await remove(store.path);
      forget(store.chat, store.run);
      const isDone = 'The run is deleted.';
      if (leaving.aborted) return tell(isDone);
      tellThere(isDone);
      open({ screen: 'runs', chat: store.chat });
    });
  return (
    <div class="acts">
      <button type="button" class="btn" title="Compare with the turn before" onClick={() => attempt(compareWithTurn)}>
        <Icon name="compare" />
        <span>Compare</span>
      </button>
      <Menu
        class="has-menu"
        testid="download"
        isBusy={state.value === 'busy'}
        button={
          <>
            <Icon name="down" />
            <span>{state.value === 'busy' ? 'Working' : 'Download'}</span>
          </>
        }
      >
        {(close) => (
          <>
            <button
              type="button"
              class="btn ghost"
              data-testid="download-json"
              onClick={() => (close(), void downloadJson())}
            >
              All of it, as JSON
            </button>
            <button
              type="button"
              class="btn ghost"
              data-testid="download-har"
              onClick={() => (close(), void downloadHar())}
            >
              The HTTP attempts, as HAR
            </button>
          </>
        )}
      </Menu>
      <button
        type="button"
        class="btn ghost danger"
        aria-label="Delete this run"
        title="Delete this run"
        data-testid="delete-run"
        onClick={() => (state.value = 'asking')}
      >
        <Icon name="bin" />
      </button>
      <Problem of={problem} />
      {state.value === 'asking' && (
        <Confirm
          title="Delete this run?"
          action="Delete for ever"
          onConfirm={deleteRun}
          onCancel={() => state.value === 'asking' && (state.value = 'idle')}
        >
          <p>Everything that was recorded of this turn goes, for ever. The conversation itself stays where it is.</p>
        </Confirm>
      )}
    </div>
  );
};
