/**
 * Carries the turn through asynchronous calls, where the runtime can. Where it cannot, as on an edge without
 * `AsyncLocalStorage`, there is never a current turn, and clients are bound to theirs.
 */

import { runtime, type MakeStorage, type Storage } from "./runtime.js";

interface Edge {
  AsyncLocalStorage?: MakeStorage;
  process?: { getBuiltinModule?: (name: string) => { AsyncLocalStorage?: MakeStorage } | undefined };
}

const NOWHERE: Storage<never> = { run: (_, run) => run(), getStore: () => undefined };

export function storage<T>(): Storage<T> {
  const { AsyncLocalStorage, process } = globalThis as Edge;
  const found = runtime.AsyncLocalStorage ?? AsyncLocalStorage ?? process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
  return found ? new found<T>() : NOWHERE;
}

/** Whether turns are carried at all. */
export function carries(storage: Storage<unknown>): boolean {
  return storage !== NOWHERE;
}
