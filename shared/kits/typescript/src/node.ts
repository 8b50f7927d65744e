/** The entry for Node and Bun: turns are carried by `node:async_hooks`, and what is sent costs the chat's thread less. */

import { AsyncLocalStorage } from "node:async_hooks";
import { breath, gzip, send } from "./http.js";
import { runtime } from "./runtime.js";

Object.assign(runtime, { AsyncLocalStorage, breath, gzip, send });

export * from "./index.js";
