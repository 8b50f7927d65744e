/** Ids that the service takes: of runs, of chats by any name, of messages of any kind. */

/** Where the ids of chats by other names than UUIDs come from, as the contract fixes it. */
const NAMESPACE = "c00be217-abf9-5bac-820f-9055c0b9a170";
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MAX_EXTERNAL_BYTES = 256;

/** A chat as the service knows it. `external` is its own name, where that is another. */
export interface ChatName {
  readonly id: string;
  readonly external?: string;
}

/** The chat of a name: a UUID is itself, and any other text is the owner's own name for a chat. */
export async function chatOf(name: string, owner: string): Promise<ChatName> {
  if (isUuid(name)) return { id: name };
  const id = await uuidV5(NAMESPACE, `${owner}\0${name}`);
  // The service takes no longer one, but the id says all that is needed to find it again.
  return new TextEncoder().encode(name).length > MAX_EXTERNAL_BYTES ? { id } : { id, external: name };
}

/** Whether a text is an id as the service writes it. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** A random one, whose first part is a time: runtimes have random ones in store. */
export function uuidV7(millis: number): string {
  const time = Math.floor(millis).toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

export async function uuidV5(namespace: string, name: string): Promise<string> {
  const space = namespace.replaceAll("-", "").match(/../g)!.map((byte) => parseInt(byte, 16));
  const named = Uint8Array.from([...space, ...new TextEncoder().encode(name)]);
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-1", named)).slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return hex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A message's id: whatever the product calls it. */
export type MessageId = string | number | bigint;

/** Of white space there may be spaces alone, and none at the ends; of surrogates, whole pairs. */
const MESSAGE = /^(?! )(?:[^\p{Cc}\p{Cs}\p{White_Space}]| ){1,128}(?<! )$/u;

/** Whether the service takes an id of a message. */
export function isMessageId(id: unknown): id is MessageId {
  if (typeof id === "string") return MESSAGE.test(id);
  if (typeof id === "bigint") return BigInt.asIntN(64, id) === id;
  return Number.isSafeInteger(id);
}

/** Whether the service takes an id of a user. */
export function isUserId(id: string): boolean {
  return /^[!-~]{1,128}$/.test(id) && !id.includes("#");
}
