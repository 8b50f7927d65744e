// A server that answers with the document's own examples.

import document from "./openapi.json";

type Answer = { content?: Record<string, { examples?: Record<string, { value: unknown }> }> };
type Operation = { responses: Record<string, Answer & { $ref?: string }> };

const paths = document.paths as unknown as Record<string, Record<string, Operation>>;
const refusals = document.components.responses as unknown as Record<string, Answer>;

/** Answers whatever it is asked with the operation's example of this name. */
export function answering(example: string): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname } = new URL(request.url);
    const found = Object.entries(paths).find(([path]) => {
      return new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`).test(pathname);
    });
    const operation = found?.[1][request.method.toLowerCase()];
    for (const [status, response] of Object.entries(operation?.responses ?? {})) {
      const answer = response.$ref ? refusals[response.$ref.split("/").pop() ?? ""] : response;
      const shown = answer?.content?.["application/json"]?.examples?.[example];
      if (shown) return Response.json(shown.value, { status: Number(status) });
    }
    throw new Error(`${request.method} ${pathname} has no example ${example}`);
  };
}

/** Fails unless a client made this of an answer. */
export function expect(made: unknown, expected: unknown): void {
  if (made !== expected) throw new Error(`${JSON.stringify(made)} instead of ${JSON.stringify(expected)}`);
}
