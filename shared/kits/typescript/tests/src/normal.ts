/** The normal form of a turn, as `shared/kits/golden/normal.py` defines it: what is the same whoever recorded it. */

import { gunzipSync } from "node:zlib";

const COUNTS = ["input_tokens", "output_tokens", "reasoning_tokens", "cache_creation_tokens", "cache_read_tokens"];

type Members = Record<string, any>;

export function normal(run: Members): Members {
  const { kind, status, provider, model, summary } = run;
  return present({ kind, status, provider, model, first_message: summary?.first_message, steps: run.steps.map(step) });
}

function step(one: Members): Members {
  const { step_number, operation, status } = one;
  const usage = Object.fromEntries(COUNTS.filter((name) => one.usage?.[name]).map((name) => [name, one.usage[name]]));
  return present({
    step_number,
    operation,
    status,
    usage: Object.keys(usage).length > 0 ? usage : undefined,
    error: status === "error" ? one.error : undefined,
    attempts: one.attempts.map(attempt),
  });
}

function attempt(each: Members): Members {
  const { number, status, method, response_status } = each;
  const type = Object.entries(each.response_headers ?? {}).find(([name]) => name.toLowerCase() === "content-type")?.[1];
  const response = body(each.response_body);
  return present({ number, status, method, path: path(each.url), request: body(each.request_body), response_status, response_type: type, response });
}

function path(url: string): string {
  const { hostname, pathname } = new URL(url);
  return hostname === "127.0.0.1" ? `/${pathname.split("/").slice(3).join("/")}` : pathname;
}

function body(encoded: string | undefined): unknown {
  if (!encoded) return undefined;
  const sent = Buffer.from(encoded, "base64");
  const content = sent[0] === 0x1f && sent[1] === 0x8b ? gunzipSync(sent) : sent;
  const text = content.toString();
  if (!Buffer.from(text).equals(content)) return { base64: content.toString("base64") };
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function present(members: Members): Members {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined && value !== null));
}
