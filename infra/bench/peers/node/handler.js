// Lists a chat's runs for its owner, as a team would write it on the AWS SDK v3.

import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { createSecureContext } from "node:tls";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, GetCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { createLocalJWKSet, jwtVerify } from "jose";

const { AUDIENCES, BENCH_ROOT, ISSUER, JWKS, TABLE_NAME } = process.env;
const audience = AUDIENCES.split(",");
const listed = "sk kind status sa fa ca ua provider model fm el steps errors it ot rt cct crt".split(" ");
const keys = createLocalJWKSet(JSON.parse(JWKS));

// The SDK's own handler and agent, with Node's own roots; the benchmark's is added, which costs nothing beside them.
const requestHandler = new NodeHttpHandler(async () => {
  const secureContext = createSecureContext();
  secureContext.context.addCACert(readFileSync(BENCH_ROOT, "utf8"));
  return { httpsAgent: new Agent({ keepAlive: true, maxSockets: 50, secureContext }) };
});
const table = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler }));

export async function handle(event) {
  const user = await userOf(event.headers.authorization);
  if (!user) return answer(401, { message: "A valid bearer token is required." });
  const chatId = event.pathParameters.chat;
  const pk = `CHAT#${chatId}`;
  const [chat, runs] = await Promise.all([
    table.send(new GetCommand({ TableName: TABLE_NAME, Key: { pk, sk: "CHAT" }, ConsistentRead: true })),
    table.send(
      new QueryCommand({
        TableName: TABLE_NAME,
        KeyConditionExpression: "pk = :pk AND sk BETWEEN :from AND :to",
        ExpressionAttributeValues: { ":pk": pk, ":from": "RUN#", ":to": "RUN#~" },
        ProjectionExpression: listed.map((name) => `#${name}`).join(", "),
        ExpressionAttributeNames: Object.fromEntries(listed.map((name) => [`#${name}`, name])),
        ScanIndexForward: false,
        Limit: 100,
        ConsistentRead: true,
      }),
    ),
  ]);
  if (chat.Item?.owner !== user || chat.Item.deleted) return answer(404, { message: "There is no such chat." });
  return answer(200, runs.Items.map((item) => run(chatId, item)));
}

async function userOf(authorization = "") {
  const [scheme, token] = authorization.split(" ");
  if (scheme.toLowerCase() !== "bearer" || !token) return undefined;
  try {
    const { payload } = await jwtVerify(token, keys, { issuer: ISSUER, audience, algorithms: ["RS256", "ES256"] });
    return payload.sub;
  } catch {
    return undefined;
  }
}

function run(chatId, item) {
  return {
    id: item.sk.slice("RUN#".length),
    chat_id: chatId,
    kind: item.kind,
    status: item.status,
    provider: item.provider,
    model: item.model,
    summary: summary(item),
    started_at: time(item.sa),
    updated_at: time(item.ua ?? item.ca),
    finished_at: item.fa && time(item.fa),
  };
}

function summary(item) {
  if (item.status === "in_progress") return { first_message: item.fm };
  return {
    first_message: item.fm,
    step_count: item.steps ?? 0,
    total_input_tokens: item.it ?? 0,
    total_output_tokens: item.ot ?? 0,
    total_reasoning_tokens: item.rt || undefined,
    total_cache_creation_tokens: item.cct || undefined,
    total_cache_read_tokens: item.crt || undefined,
    has_error: item.errors > 0 || undefined,
    endpoint_label: item.el,
  };
}

// Microseconds since 1970 as RFC 3339, without zeros at the end.
function time(micros) {
  const seconds = new Date(Math.floor(micros / 1e6) * 1000).toISOString().slice(0, 19);
  const fraction = String(micros % 1e6).padStart(6, "0").replace(/0+$/, "");
  return fraction ? `${seconds}.${fraction}Z` : `${seconds}Z`;
}

function answer(statusCode, body) {
  const headers = { "content-type": "application/json", "cache-control": "no-store" };
  return { statusCode, headers, body: JSON.stringify(body) };
}
