// A link from the chat product's own message to the run that it came from.
import { useLayoutEffect, useMemo } from 'preact/hooks';
import { chatCrumb } from '../parts/chat-name.tsx';
import { Frame } from '../parts/frame.tsx';
import { Panel, Refused, Waiting } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import { load } from '../resource.ts';
import { choose, href, type Route } from '../route.ts';
import { readOn } from '../run-lists.ts';

/** The run that a chat product's message came from: the newest that it triggered. */
export const MessageScreen = ({ route: to }: { route: Extract<Route, { screen: 'message' }> }) => {
  const found = useMemo(
    () =>
      load(async (signal) => {
        const got = await readOn(`/${to.chat}/debug/runs?trigger_message_id=${encodeURIComponent(to.message)}`, signal);
        const run = got.items[0];
        if (run && !signal.aborted) choose({ screen: 'run', chat: to.chat, run: run.id });
        return run;
      }),
    [to.chat, to.message],
  );
  // An answer that comes when one has gone on leads nowhere, were it before this was painted.
  useLayoutEffect(() => found.cancel, [found]);
  const now = found.now.value;
  return (
    <Frame title="A message's run" crumbs={[chatCrumb(to.chat)]}>
      <div class="page narrow">
        <h1>
          The run of message <Shown text={to.message} />
        </h1>
        {now.state === 'loading' && <Waiting what="the run of this message" />}
        {now.state === 'failed' && <Refused refusal={now.refusal} retry={found.reload} />}
        {now.state === 'ready' && !now.value && (
          <Panel state="empty" title="No run came from this message.">
            <p>
              Perhaps it was not recorded. <a href={href({ screen: 'runs', chat: to.chat })}>All runs of this chat</a>
            </p>
          </Panel>
        )}
      </div>
    </Frame>
  );
};
