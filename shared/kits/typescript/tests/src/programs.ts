/** The programs of `shared/kits`, which tests and measurements talk to. */

import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

export const OWNER = "user-1";
export const CHAT = "5f0c7a52-9b1e-4c6e-8f7a-2d1e3b4c5d6e";
const KITS = fileURLToPath(new URL("../../../", import.meta.url));

/** A program that says its URL and ends with its standard input. */
export interface Program {
  readonly url: string;
  stop(): void;
}

export const program = (name: string): Promise<Program> => started("python3", `${KITS}${name}`);

export function started(command: string, ...rest: string[]): Promise<Program> {
  const child = spawn(command, rest, { stdio: ["pipe", "pipe", "inherit"] });
  const stop = () => void child.stdin.end();
  return new Promise((starts, failed) => {
    child.stdout.once("data", (line) => starts({ url: String(line).trim(), stop }));
    child.once("exit", (code) => failed(new Error(`${rest[0]} ended with ${code}`)));
  });
}

/** A URL of this machine at which nobody listens. */
export async function nowhere(): Promise<string> {
  const server = createServer();
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const { port } = server.address() as { port: number };
  await new Promise((closed) => server.close(closed));
  return `http://127.0.0.1:${port}`;
}
