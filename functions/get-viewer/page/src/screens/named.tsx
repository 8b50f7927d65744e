// A chat by its product's own name for it: the reader's of that name, and nobody else's.
import { useEffect } from 'preact/hooks';
import { idOfName } from '../model/name.ts';
import { rememberNames } from '../parts/chat-name.tsx';
import { Frame } from '../parts/frame.tsx';
import { useLeaving } from '../parts/leaving.ts';
import { Panel, Waiting } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import { choose, type Route } from '../route.ts';
import { subject } from '../session.ts';

export const NamedScreen = ({ route: { name, place } }: { route: Extract<Route, { screen: 'named' }> }) => {
  const owner = subject();
  const leaving = useLeaving(name);
  useEffect(() => {
    if (owner)
      void idOfName(owner, name).then((chat) => {
        rememberNames([[chat, name]]);
        if (!leaving.aborted) choose({ ...place, chat });
      });
  }, [owner, name]);
  return (
    <Frame title="A chat by its name" crumbs={[]}>
      <div class="page narrow">
        <h1>
          <Shown text={name} />
        </h1>
        {owner ? (
          <Waiting what="the chat of this name" />
        ) : (
          <Panel state="not-found" title="Your sign-in does not say who you are.">
            <p>
              A chat is found by its name only among those of its owner. <a href="#/">All my chats</a>
            </p>
          </Panel>
        )}
      </div>
    </Frame>
  );
};
