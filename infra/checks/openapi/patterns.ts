// Every pattern of the document can be matched against the largest text that there can be.

import document from "./openapi.json";

const LONGEST = "A".repeat(5 << 20);

function check(schema: unknown, at: string): void {
  if (typeof schema !== "object" || schema === null) return;
  for (const [name, value] of Object.entries(schema)) {
    if (name === "pattern" && typeof value === "string") {
      try {
        new RegExp(value, "u").test(LONGEST);
      } catch (error) {
        throw new Error(`${at}: ${value}`, { cause: error });
      }
    }
    check(value, `${at}/${name}`);
  }
}

check(document, "#");
