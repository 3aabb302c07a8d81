import { STATUS_CODES } from "node:http";
import type { z } from "zod";
import type { Scope } from "@/lib/auth/scopes";
import { problemSchema } from "@/lib/problems/schema";
import type { EventType } from "@/lib/webhook-log/event-types";
import type messages from "@/messages/en.json";
import type { Contract } from "./contract";
import { EVERY_CONTRACT } from "./every-contract";
import { type JsonSchema, JsonSchemas } from "./json-schema";
import { PAYLOADS } from "./webhook-payloads";

type Sentences = (typeof messages)["api"]["operation"];
export type Operation = keyof Sentences;

export type Words = {
  readonly title: string;
  readonly about: string;
  readonly operation: (name: Operation) => string;
  readonly scope: (name: Scope) => string;
  readonly event: (type: EventType) => string;
};

const FAILS = [401, 403, 422, 429, 500, 503];
const FAILS_BY_ID = [404];
const FAILS_BY_BODY = [400, 409, 413, 415];

const PROBLEM = "application/problem+json";

function failsOf({ path, body, method, fails = [] }: Contract): number[] {
  const byId = path.includes("{") ? FAILS_BY_ID : [];
  const byBody = body === null ? [] : FAILS_BY_BODY;
  // For an Idempotency-Key whose first request is still running
  const byKey = method === "GET" ? [] : [409];
  return [...new Set([...FAILS, ...byId, ...byBody, ...byKey, ...fails])].sort((a, b) => a - b);
}

function parametersOf({ method, params, query, fails }: Contract, schemas: JsonSchemas): JsonSchema[] {
  const inPlace = (place: "path" | "query", schema: z.ZodObject) => {
    const { properties = {}, required = [] } = schemas.of(schema, "input") as {
      readonly properties?: Record<string, JsonSchema>;
      readonly required?: readonly string[];
    };
    return Object.entries(properties).map(([name, { description, ...of }]) => ({
      name,
      in: place,
      required: required.includes(name),
      ...(description !== undefined && { description }),
      schema: of,
    }));
  };
  const header = (name: string) => ({ name, in: "header", required: false, schema: { type: "string" } });
  return [
    ...inPlace("path", params),
    ...inPlace("query", query),
    ...(method === "GET" ? [] : [header("Idempotency-Key")]),
    ...(fails?.includes(304) ? [header("If-None-Match")] : []),
  ];
}

const responseOf = (status: number, content?: JsonSchema) => ({
  description: STATUS_CODES[status] ?? String(status),
  ...(content && { content }),
});

function responsesOf(contract: Contract, schemas: JsonSchemas): JsonSchema {
  const { status, schema, contentType = "application/json" } = contract.answer;
  const answer = schema && { [contentType]: { schema: schemas.of(schema, "output") } };
  const problem = { [PROBLEM]: { schema: schemas.of(problemSchema, "output") } };
  const failures = failsOf(contract).map((fail) => [
    fail,
    responseOf(fail, fail === 304 ? undefined : problem),
  ]);
  return { [status]: responseOf(status, answer ?? undefined), ...Object.fromEntries(failures) };
}

function operationOf(contract: Contract, schemas: JsonSchemas, words: Words): JsonSchema {
  const { operation, scope, body } = contract;
  const summary = words.operation(operation as Operation);
  return {
    operationId: operation,
    summary,
    description: words.scope(scope),
    tags: [scope.split(":")[0]],
    security: [{ key: [scope] }],
    parameters: parametersOf(contract, schemas),
    ...(body && {
      requestBody: { content: { "application/json": { schema: schemas.of(body, "input") } } },
    }),
    responses: responsesOf(contract, schemas),
  };
}

/** Lists the messages that Dingkeep sends, with the headers of Standard Webhooks. */
const webhooksOf = (schemas: JsonSchemas, words: Words): JsonSchema =>
  Object.fromEntries(
    PAYLOADS.map(([type, schema]) => [
      type,
      {
        post: {
          operationId: type,
          summary: words.event(type),
          tags: ["webhooks"],
          parameters: ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => ({
            name,
            in: "header",
            required: true,
            schema: { type: "string" },
          })),
          requestBody: { content: { "application/json": { schema: schemas.of(schema, "output") } } },
          responses: { "2XX": { description: "OK" } },
        },
      },
    ]),
  );

/** Generates the OpenAPI 3.1 document from the contracts. @see https://spec.openapis.org/oas/v3.1.1 */
export function openApiOf(words: Words, contracts: readonly Contract[] = EVERY_CONTRACT): JsonSchema {
  const schemas = new JsonSchemas();
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const contract of contracts) {
    const method = contract.method.toLowerCase();
    const of = (paths[contract.path] ??= {});
    of[method] = operationOf(contract, schemas, words);
  }
  return {
    openapi: "3.1.1",
    info: { title: words.title, description: words.about, version: "1" },
    servers: [{ url: "/api/v1" }],
    paths,
    webhooks: webhooksOf(schemas, words),
    components: {
      schemas: schemas.components,
      securitySchemes: { key: { type: "http", scheme: "bearer", bearerFormat: "dk_…" } },
    },
  };
}
