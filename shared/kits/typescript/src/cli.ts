#!/usr/bin/env node
/** `npx chat-debug check`, and nothing else: what people do is done in the viewer, or by another program of this name. */

import { parseArgs } from "node:util";
import { check } from "./check.js";
import "./node.js";
import { ROOT } from "./service.js";

const ANOTHER = `is no command of the recorder kit, which only knows \`check\`. What people do, they do in the viewer,
at CHAT_DEBUG_URL${ROOT}/view, or with the service's own client, another program that is called chat-debug.`;
const USAGE = `Usage: chat-debug check [--owner USER] [--chat NAME]

Tries to record one turn, and says what is missing. CHAT_DEBUG_URL and CHAT_DEBUG_KEY say where and as whom.
  --owner USER  whose chat it is; user-1 if nothing is said
  --chat NAME   any name of a chat; "chat-debug check" if nothing is said`;

async function main(): Promise<boolean> {
  const options = {
    owner: { type: "string", default: "user-1" },
    chat: { type: "string", default: "chat-debug check" },
    help: { type: "boolean" },
  } as const;
  const [command = ""] = process.argv.slice(2);
  if (/^[a-z]/.test(command) && command !== "check") {
    console.error(`\`${command}\` ${ANOTHER}\n\n${USAGE}`);
    return false;
  }
  let parsed;
  try {
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return false;
  }
  const { values, positionals } = parsed;
  const isRight = positionals.length === 1 && positionals[0] === "check";
  if (values.help || !isRight) {
    console[values.help ? "log" : "error"](USAGE);
    return values.help === true;
  }
  const { CHAT_DEBUG_URL: url, CHAT_DEBUG_KEY: key } = process.env;
  // What is sent for a recorder keeps no process alive.
  const alive = setInterval(() => {}, 60_000);
  try {
    return await check({ url, key, owner: values.owner, chat: values.chat }, (line) => console.log(line));
  } finally {
    clearInterval(alive);
  }
}

void main().then((isWell) => (process.exitCode = isWell ? 0 : 1));
