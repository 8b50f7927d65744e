/** Reads JSON, and writes it with pieces that are JSON already, which stay as they are: names, order, numbers. */

import { bytesOf } from "./bytes.js";

/** JSON that is there already. */
export class Raw {
  constructor(readonly pieces: readonly Uint8Array[]) {}
}

export type Json = Raw | string | number | bigint | boolean | null | undefined | readonly Json[] | { readonly [name: string]: Json };

/** The pieces of a value as JSON. A member that is undefined is absent. */
export function write(value: Exclude<Json, undefined>): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let text = "";
  const put = (value: Exclude<Json, undefined>): void => {
    if (value instanceof Raw) {
      pieces.push(bytesOf(text), ...value.pieces);
      text = "";
    } else if (typeof value === "bigint") {
      text += value.toString();
    } else if (typeof value !== "object" || value === null) {
      text += JSON.stringify(value);
    } else if (Array.isArray(value)) {
      text += "[";
      value.forEach((one, at) => {
        if (at > 0) text += ",";
        put(one);
      });
      text += "]";
    } else {
      text += "{";
      let before = "";
      for (const [name, one] of Object.entries(value)) {
        if (one === undefined) continue;
        text += `${before}${JSON.stringify(name)}:`;
        before = ",";
        put(one);
      }
      text += "}";
    }
  };
  put(value);
  return [...pieces, bytesOf(text)];
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
function isDeep(value: unknown, depth = 0): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth >= MAX_DEPTH || Object.values(value).some((inner) => isDeep(inner, depth + 1));
}

/** Whether a value is what the service takes byte for byte: an object, no deeper than that. */
export function isCopied(value: unknown): boolean {
  return isObject(value) && !isDeep(value);
}

export function objectOf(text: string): Raw | undefined {
  return isCopied(read(text)) ? new Raw([bytesOf(text)]) : undefined;
}
