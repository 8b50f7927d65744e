/**
 * Makes copies of OpenAI's and Anthropic's clients that call by another `fetch`.
 *
 * Their own `withOptions` forgets what clients for other platforms, and a product's subclasses, were given: the region, the
 * credentials. A copy that is not as the client in all that can be seen is none.
 */

import type { Fetch } from "./request.js";

interface Known {
  readonly withOptions?: (options: object) => object;
  /** Azure's clients have these beside the options that they pass on. */
  readonly apiVersion?: unknown;
  readonly deploymentName?: unknown;
}

/** What differs by itself: what the copy is for, and the key that a client got by asking. */
const ITS_OWN = ["fetch", "apiKey"];

/** The copy; nothing when there can be none. It may throw whatever the client throws. */
export function withFetch<Client extends object>(client: Client, fetch: Fetch): Client | undefined {
  const { withOptions, apiVersion, deploymentName } = client as Known;
  if (typeof withOptions !== "function") return undefined;
  const azure = typeof apiVersion === "string" ? { apiVersion, deployment: deploymentName } : {};
  const copy = withOptions.call(client, { ...azure, fetch }) as Client;
  return Object.entries(client).every(([name, value]) => ITS_OWN.includes(name) || isKept(value, copy[name as keyof Client])) ? copy : undefined;
}

/** Objects are made anew, and functions may be. */
function isKept(value: unknown, copied: unknown): boolean {
  if (typeof value === "object") return true;
  return typeof value === "function" ? typeof copied === "function" : value === copied;
}
