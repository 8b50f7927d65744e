/** The provider and the service of `shared/kits`, started for a file of tests, and a recorder of theirs. */

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { after } from "node:test";
import { fileURLToPath } from "node:url";
import { Recorder, type RecorderOptions } from "chat-debug";

export const OWNER = "user-1";
export const CHAT = "5f0c7a52-9b1e-4c6e-8f7a-2d1e3b4c5d6e";
const KITS = fileURLToPath(new URL("../../../", import.meta.url));

async function started(program: string): Promise<string> {
  const child = spawn("python3", [`${KITS}${program}`], { stdio: ["pipe", "pipe", "inherit"] });
  after(() => child.kill());
  return new Promise((url, failed) => {
    child.stdout.once("data", (line) => url(String(line).trim()));
    child.once("exit", (code) => failed(new Error(`${program} ended with ${code}`)));
  });
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
    this.#before += (await this.sent()).length;
  }

  async behave(behaviour: Behaviour): Promise<void> {
    await fetch(`${this.url}/_behave`, { method: "PUT", body: JSON.stringify(behaviour) });
  }

  async sent(): Promise<Sent[]> {
    const sent = (await (await fetch(`${this.url}/_sent`)).json()) as Sent[];
    return sent.slice(this.#before);
  }

  /** The runs that were posted, oldest first. */
  async runs(): Promise<any[]> {
    return (await this.sent()).filter(({ method }) => method === "POST").map(({ json }) => json);
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

/** A URL of this machine at which nobody listens. */
export async function nowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${port}`;
}

export const HELLO = { model: "gpt-test", messages: [{ role: "user" as const, content: "What is the capital of France?" }] };

/** A `fetch` that answers by itself, so that a test decides about each byte. */
export function answering(answer: () => Response | Promise<Response>): typeof globalThis.fetch {
  return (async () => answer()) as typeof globalThis.fetch;
}

export const post = (text: string): RequestInit => ({ method: "POST", body: text, headers: { "content-type": "application/json" } });

export const text = (base64: string): string => Buffer.from(base64, "base64").toString();

export const pause = (millis: number): Promise<void> => new Promise((over) => setTimeout(over, millis));
