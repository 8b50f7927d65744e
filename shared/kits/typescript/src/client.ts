/**
 * Makes copies of OpenAI's and Anthropic's clients that call by another `fetch`.
 *
 * Their own `withOptions` forgets what clients for other platforms, and a product's subclasses, were given: the region, the
 * credentials. A copy that is not as the client in all that can be seen is none.
 */

import type { Fetch } from "./request.js";

interface Known {
  readonly withOptions?: (options: object) => object;
  /** What Azure's clients call `deployment` in their options. */
  readonly deploymentName?: unknown;
}

/** What clients for other platforms have beside the options that they pass on: Azure's, Bedrock's, Vertex's. */
const FORGOTTEN = [
  ...["apiVersion", "region", "projectId"],
  ...["awsRegion", "awsAccessKey", "awsSecretKey", "awsSessionToken", "providerChainResolver"],
];

/** What differs by itself: what the copy is for, and the key that a client got by asking. */
const ITS_OWN = ["fetch", "apiKey"];

/** The copy; nothing when there can be none. It may throw whatever the client throws. */
export function withFetch<Client extends object>(client: Client, fetch: Fetch): Client | undefined {
  const { withOptions, deploymentName: deployment } = client as Known;
  if (typeof withOptions !== "function") return undefined;
  const known = Object.entries(client);
  const forgotten = Object.fromEntries(known.filter(([name]) => FORGOTTEN.includes(name)));
  const copy = withOptions.call(client, { ...forgotten, ...(deployment !== undefined && { deployment }), fetch }) as Client;
  return known.every(([name, value]) => ITS_OWN.includes(name) || isKept(value, copy[name as keyof Client])) ? copy : undefined;
}

/** Objects are made anew, and functions may be. */
function isKept(value: unknown, copied: unknown): boolean {
  if (typeof value === "object") return true;
  return typeof value === "function" ? typeof copied === "function" : value === copied;
}
