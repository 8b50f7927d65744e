/** Reads JSON, and writes it with pieces that are JSON already, which stay as they are: names, order, numbers. */

import { textOf } from "./bytes.js";

/** JSON that was sent by somebody else. */
export class Raw {
  constructor(readonly text: string) {}
}

export type Json = Raw | string | number | bigint | boolean | null | undefined | readonly Json[] | { readonly [name: string]: Json };

/** A member that is undefined is absent. */
export function write(value: Exclude<Json, undefined>): string {
  if (value instanceof Raw) return value.text;
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(write).join()}]`;
  const members = Object.entries(value).filter((member): member is [string, Exclude<Json, undefined>] => member[1] !== undefined);
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${write(one)}`).join()}}`;
}

/** A JSON value, or undefined for what is none. */
export function read(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export type Members = Record<string, unknown>;

export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of what is an object, else none. */
export function members(value: unknown): Members {
  return isObject(value) ? value : {};
}

const MAX_DEPTH = 128;

/** Whether a value is deeper than the service takes. */
export function isDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth >= MAX_DEPTH || Object.values(value).some((inner) => isDeep(inner, depth + 1));
}

/** JSON that can be kept byte for byte: an object, no deeper than the service takes. */
export function objectOf(text: string): Raw | undefined {
  const value = read(text);
  return isObject(value) && !isDeep(value) ? new Raw(text.trim()) : undefined;
}

export function objectIn(bytes: Uint8Array | undefined): Raw | undefined {
  return objectOf(textOf(bytes) ?? "");
}
