/** The entry for Node and Bun: the same, with turns carried by `node:async_hooks`. */

import { AsyncLocalStorage } from "node:async_hooks";
import { carryWith } from "./context.js";

carryWith(AsyncLocalStorage);

export * from "./index.js";
