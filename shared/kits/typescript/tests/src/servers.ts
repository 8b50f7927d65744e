/** The provider and the service of `shared/kits`, started for a file of tests, and a recorder of theirs. */

import { after } from "node:test";
import { Recorder, type RecorderOptions } from "chat-debug";
import { program } from "./programs.js";

export { CHAT, OWNER, nowhere } from "./programs.js";

async function started(name: string): Promise<string> {
  const { url, stop } = await program(name);
  after(stop);
  return url;
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  // Whatever a test looks for.
  readonly json: any;
}

export interface Behaviour {
  readonly recorded?: boolean;
  readonly bound?: boolean;
  readonly by?: string;
  readonly asked?: boolean;
  readonly status?: number;
  readonly times?: number;
  readonly hung?: boolean;
  readonly limit?: number;
}

/** The service of a file of tests: what it was sent, and how it behaves. */
export class FakeService {
  #before = 0;

  private constructor(readonly url: string) {}

  static async start(): Promise<FakeService> {
    return new FakeService(await started("service.py"));
  }

  /** Behaves well again, and forgets what it was sent. */
  async fresh(behaviour: Behaviour = {}): Promise<void> {
    await this.behave(behaviour);
    this.#before = ((await (await fetch(`${this.url}/_methods`)).json()) as string[]).length;
  }

  async behave(behaviour: Behaviour): Promise<void> {
    await fetch(`${this.url}/_behave`, { method: "PUT", body: JSON.stringify(behaviour) });
  }

  async sent(): Promise<Sent[]> {
    const sent = (await (await fetch(`${this.url}/_sent`)).json()) as Sent[];
    return sent.slice(this.#before);
  }

  /** Waits until so many requests of a method came. */
  async until(method: string, count = 1): Promise<void> {
    for (;;) {
      const methods = (await (await fetch(`${this.url}/_methods`)).json()) as string[];
      if (methods.slice(this.#before).filter((one) => one === method).length >= count) return;
      await pause(5);
    }
  }

  /** The runs that were posted, in the order in which they began, to the millisecond: they are brought beside each other. */
  async runs(): Promise<any[]> {
    const runs = (await this.sent()).filter(({ method }) => method === "POST").map(({ json }) => json);
    return runs.sort((one, other) => Date.parse(one.started_at) - Date.parse(other.started_at));
  }
}

export const startProvider = (): Promise<string> => started("provider.py");

/** What a recorder warned of. */
export type Warned = Recorder & { readonly warnings: string[] };

export function recorder(url: string, options: RecorderOptions = {}): Warned {
  const warnings: string[] = [];
  const debug = new Recorder({ url, key: "cdk_test", warn: (message) => void warnings.push(message), ...options });
  return Object.assign(debug, { warnings });
}

export const HELLO = { model: "gpt-test", messages: [{ role: "user" as const, content: "What is the capital of France?" }] };

/** A `fetch` that answers by itself, so that a test decides about each byte. */
export function answering(answer: () => Response | Promise<Response>): typeof globalThis.fetch {
  return (async () => answer()) as typeof globalThis.fetch;
}

export const post = (text: string): RequestInit => ({ method: "POST", body: text, headers: { "content-type": "application/json" } });

export const text = (base64: string): string => Buffer.from(base64, "base64").toString();

export const pause = (millis: number): Promise<void> => new Promise((over) => setTimeout(over, millis));
