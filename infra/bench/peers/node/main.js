// A custom runtime: less than Lambda's own for Node, which is not to be had as a package without a compiler.

import { Agent, request } from "node:http";
import { handle } from "./handler.js";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function send(method, path, body) {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path: `/2018-06-01/runtime/invocation/${path}`, agent }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks).toString() }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

async function serve() {
  for (;;) {
    const next = await send("GET", "next");
    const id = next.headers["lambda-runtime-aws-request-id"];
    try {
      await send("POST", `${id}/response`, JSON.stringify(await handle(JSON.parse(next.body))));
    } catch ({ name, message }) {
      await send("POST", `${id}/error`, JSON.stringify({ errorType: name, errorMessage: message }));
    }
  }
}

serve();
