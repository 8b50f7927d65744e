/** Tries to record one turn, and says what is missing for that: the URL, the key, the gate, the owner's opt-in. */

import { Consent, type Answer } from "./consent.js";
import { chatOf, isUserId, type ChatName } from "./ids.js";
import { Recorder } from "./recorder.js";
import { ROOT, Service } from "./service.js";

export interface Check {
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly owner: string;
  readonly chat: string;
}

const TIMEOUT = 10_000;
const QUESTION = "Is this recorded?";
const ANSWER = { choices: [{ index: 0, message: { role: "assistant", content: "It is." }, finish_reason: "stop" }] };

/** Says what it finds, and answers whether a turn was recorded. */
export async function check({ url, key, owner, chat }: Check, say: (line: string) => void): Promise<boolean> {
  const fails = (line: string): false => {
    say(`✗ ${line}`);
    return false;
  };
  if (!url) return fails("CHAT_DEBUG_URL is not set. It is the service's address, as its deployment prints it.");
  if (!key) return fails(`CHAT_DEBUG_KEY is not set. A recorder's key is made in the viewer: ${settingsOf(url)}`);
  if (!isUserId(owner)) return fails(`${owner} cannot own a chat. An owner's id has 1 to 128 visible ASCII characters without #.`);
  const name = await chatOf(chat, owner);
  const answer = await new Consent(new Service(url, key, () => globalThis.fetch)).ask(name, owner);
  const missing = missingFor(answer, url, owner, name);
  if (missing) return fails(missing);
  say(`✓ The service answers, takes the key, and records this chat of ${owner}'s.`);

  const warnings: string[] = [];
  const model = async () => Response.json(ANSWER);
  const debug = new Recorder({ url, key, fetch: model, warn: (line) => void warnings.push(line) });
  const body = JSON.stringify({ model: "check", messages: [{ role: "user", content: QUESTION }] });
  const run = await debug.turn(chat, owner, { firstMessage: QUESTION }, async ({ runId }) => {
    await (await debug.fetch("https://model.invalid/v1/chat/completions", { method: "POST", body })).text();
    return runId;
  });
  await debug.flush(TIMEOUT);
  if (debug.counters.recorded !== 1) return fails(`The turn was not recorded. ${warnings.join(" ") || "The service did not answer in time."}`);
  say(`✓ A turn is recorded: run ${run} of chat ${name.id}, which ${owner} can open.`);
  say("  What is left is yours: make the model's client with `fetch: debug.fetch`. A turn without a call of it warns.");
  return true;
}

/** What stands between a chat and its record. */
function missingFor(answer: Answer, url: string, owner: string, name: ChatName): string | undefined {
  switch (answer.kind) {
    case "yes":
      return undefined;
    case "unknown":
      return `The service at ${url} does not answer: ${answer.why.message} Check CHAT_DEBUG_URL.`;
    case "refused":
      if (answer.status === 404) return `The service refuses: ${answer.detail} ${boundTo(name)} Or check CHAT_DEBUG_URL, which ends before /api.`;
      return answer.status === 401 || answer.status === 403
        ? `The service does not take the key: ${answer.detail} Check CHAT_DEBUG_KEY.`
        : `The service refuses: ${answer.detail} Check CHAT_DEBUG_URL, which ends before /api.`;
    case "no":
      return WHO[answer.decidedBy ?? ""]?.(owner, settingsOf(url)) ?? "The chat is not recorded, and the service does not say why.";
  }
}

/** What a key of a user's own does not take. */
function boundTo({ id, external }: ChatName): string {
  if (external !== undefined) return "A key of a user's own records that user's chats alone: say whose with --owner.";
  return `With a key of a user's own, a chat's name must not be a UUID in lower case: prefix it, as --chat chat:${id}.`;
}

/** Where people set what they decide. */
function settingsOf(url: string): string {
  return `${url.replace(/\/+$/, "")}${ROOT}/view#/settings`;
}

const WHO: Record<string, (owner: string, settings: string) => string> = {
  gate: (_, settings) => `The gate is closed. An admin opens it in the viewer: ${settings}`,
  user: (owner, settings) => `${owner} has not opted in. Another is tried with --owner. They do it themselves in the viewer: ${settings}`,
  chat: (owner) => `${owner} has switched this chat off. Another is tried with --chat.`,
};
