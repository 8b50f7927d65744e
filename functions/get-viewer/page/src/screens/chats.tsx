// The reader's own chats, and a field for the id or link of one.
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { call, page } from '../api.ts';
import { idOfName } from '../model/name.ts';
import { ago, day, fullTime, short } from '../model/say.ts';
import { rememberNames } from '../parts/chat-name.tsx';
import { Frame } from '../parts/frame.tsx';
import { Icon } from '../parts/icon.tsx';
import { useLeaving } from '../parts/leaving.ts';
import { tell } from '../parts/live.tsx';
import { Panel, Show } from '../parts/state.tsx';
import { Shown } from '../parts/text.tsx';
import { preferences } from '../preferences.ts';
import { asRefusal, load } from '../resource.ts';
import { chatOf, href, isId, open, type Route } from '../route.ts';
import { subject } from '../session.ts';
import type { Chat } from '../types.ts';

/** Whether a chat is not there for the reader; what else there is to say of it, its screen says. */
const isMissing = (chat: string, signal: AbortSignal): Promise<boolean> =>
  call(`/${chat}/debug/runs?limit=1`, { signal }).then(
    () => false,
    (failure: unknown) => asRefusal(failure).status === 404,
  );

/** What somebody means by a text: an id, a link, or the chat product's own name of one of the reader's chats. */
const meantBy = async (text: string, signal: AbortSignal): Promise<Route | undefined> => {
  const [found, owner] = [chatOf(text), subject()];
  if (!text || !owner) return found;
  const chat = await idOfName(owner, text);
  // A product may call its chats by ids of its own.
  const isBare = isId(text.trim().toLowerCase());
  const isName =
    !found || (isBare && (await isMissing(text.trim().toLowerCase(), signal)) && !(await isMissing(chat, signal)));
  if (!isName) return found;
  rememberNames([[chat, text]]);
  return { screen: 'runs', chat };
};

export const OpenField = () => {
  const text = useSignal('');
  const isWrong = useSignal(false);
  const leaving = useLeaving();
  const submit = async (event: Event) => {
    event.preventDefault();
    const to = await meantBy(text.value, leaving);
    if (leaving.aborted) return;
    isWrong.value = !to;
    if (to) open(to);
  };
  return (
    <form class="find" onSubmit={submit}>
      <Icon name="link" />
      <label class="vh" for="open-chat">
        Open a chat by its name, id or link
      </label>
      <input
        id="open-chat"
        placeholder="Open a chat by its name, id or link"
        autocomplete="off"
        spellcheck={false}
        aria-invalid={isWrong.value}
        aria-describedby={isWrong.value ? 'open-chat-wrong' : undefined}
        value={text.value}
        onInput={(event) => ((text.value = event.currentTarget.value), (isWrong.value = false))}
      />
      {isWrong.value && (
        <span id="open-chat-wrong" class="wrong" role="alert">
          No name, id or link of a chat
        </span>
      )}
    </form>
  );
};

interface Listed {
  chats: Chat[];
  next?: string;
}

export const ChatsScreen = () => {
  const list = useMemo(
    () =>
      load<Listed>(async (signal) => {
        const first = await page<Chat>('', { signal });
        return { chats: first?.items ?? [], next: first?.next };
      }),
    [],
  );
  const known = list.now.value.value?.chats;
  useEffect(() => {
    if (known) rememberNames(known.flatMap(({ id, external_id: name }) => (name === undefined ? [] : [[id, name]])));
  }, [known]);
  const isLoadingMore = useSignal(false);
  const more = async ({ chats, next }: Listed) => {
    isLoadingMore.value = true;
    try {
      const further = await page<Chat>(next!);
      if (further) list.set({ chats: [...chats, ...further.items], next: further.next });
    } catch (failure) {
      tell(asRefusal(failure).message);
    }
    isLoadingMore.value = false;
  };
  const remembered = preferences.value.remembers ? preferences.value.chats : [];
  return (
    <Frame title="My chats" crumbs={[]}>
      <div class="page narrow">
        <div class="top">
          <div>
            <h1>My chats</h1>
            <p class="muted">
              Those that were registered here, newest first. Only you can open what was recorded of them.
            </p>
          </div>
        </div>
        <OpenField />
        {remembered.length > 0 && (
          <section aria-label="Opened in this browser">
            <h2>Opened last</h2>
            <ul class="chats">
              {remembered.map((chat) => (
                <li key={chat}>
                  <a href={href({ screen: 'runs', chat })}>
                    <code>{chat}</code>
                  </a>
                </li>
              ))}
            </ul>
          </section>
        )}
        <Show of={list} what="your chats" rows={5}>
          {(value) =>
            value.chats.length === 0 ? (
              <Panel state="empty" title="No chat of yours is registered here.">
                <p>
                  A chat appears with its first recorded turn. <a href="#/settings">Is recording on?</a>
                </p>
              </Panel>
            ) : (
              <>
                <ul class="chats">
                  {value.chats.map(({ id, external_id, registered_at }, place) => {
                    const of = day(registered_at);
                    const isNewDay = place === 0 || day(value.chats[place - 1]!.registered_at) !== of;
                    return (
                      <li key={id}>
                        {isNewDay && <p class="day">{of}</p>}
                        <a href={href({ screen: 'runs', chat: id })} data-testid="chat-row">
                          {external_id === undefined ? (
                            <code>{id}</code>
                          ) : (
                            <span>
                              <b>
                                <Shown text={external_id} />
                              </b>{' '}
                              <code class="faint">
                                {short(id)}
                                <span class="rest-of-id">{id.slice(short(id).length)}</span>
                              </code>
                            </span>
                          )}
                          <span class="muted" title={fullTime(registered_at)}>
                            registered {ago(registered_at)}
                          </span>
                        </a>
                      </li>
                    );
                  })}
                </ul>
                {value.next && (
                  <p class="more">
                    <button type="button" class="btn" disabled={isLoadingMore.value} onClick={() => more(value)}>
                      Load older chats
                    </button>
                  </p>
                )}
              </>
            )
          }
        </Show>
      </div>
    </Frame>
  );
};
