/**
 * Carries the turn through asynchronous calls, where the runtime can. Where it cannot, as on an edge without
 * `AsyncLocalStorage`, there is never a current turn, and clients are bound to theirs.
 */

export interface Storage<T> {
  run<R>(store: T, run: () => R): R;
  getStore(): T | undefined;
}

type MakeStorage = new <T>() => Storage<T>;

interface Runtime {
  AsyncLocalStorage?: MakeStorage;
  process?: { getBuiltinModule?: (name: string) => { AsyncLocalStorage?: MakeStorage } | undefined };
}

const NOWHERE: Storage<never> = { run: (_, run) => run(), getStore: () => undefined };

let known: MakeStorage | undefined;

/** Says how the runtime carries values: the entry for Node knows. */
export function carryWith(storage: MakeStorage): void {
  known = storage;
}

export function storage<T>(): Storage<T> {
  const { AsyncLocalStorage, process } = globalThis as Runtime;
  const found = known ?? AsyncLocalStorage ?? process?.getBuiltinModule?.("node:async_hooks")?.AsyncLocalStorage;
  return found ? new found<T>() : NOWHERE;
}

/** Whether turns are carried at all. */
export function carries(storage: Storage<unknown>): boolean {
  return storage !== NOWHERE;
}
