import { openApiIn } from "@/lib/api/localized-openapi";

export const CLIENT_TYPES = "packages/client/src/api.ts";

type Schema = {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
};

type Parameter = {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Schema;
};

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
};

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
};

const PRIMITIVES: Readonly<Record<string, string>> = {
  string: "string",
  number: "number",
  integer: "number",
  boolean: "boolean",
  null: "null",
};

function objectType({ properties = {}, required = [] }: Schema, indent: string): string {
  const names = Object.keys(properties);
  if (names.length === 0) return "Record<string, never>";
  const inner = `${indent}  `;
  const lines = names.map((name) => {
    const of = properties[name] ?? {};
    const comment = of.description === undefined ? "" : `${inner}/** ${of.description} */\n`;
    const mark = required.includes(name) ? "" : "?";
    return `${comment}${inner}readonly ${name}${mark}: ${typeOf(of, inner)};`;
  });
  return `{\n${lines.join("\n")}\n${indent}}`;
}

const inBrackets = (type: string) => (/^\w+$/.test(type) ? type : `(${type})`);

function typeOf(schema: Schema, indent = ""): string {
  const { $ref, type, enum: values, anyOf, oneOf, items } = schema;
  const union = anyOf ?? oneOf;
  if ($ref !== undefined) return $ref.split("/").at(-1) ?? "unknown";
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (values) return values.map((value) => JSON.stringify(value)).join(" | ");
  if (union) return union.map((one) => typeOf(one, indent)).join(" | ");
  if (Array.isArray(type))
    return type.map((one: string) => typeOf({ ...schema, type: one }, indent)).join(" | ");
  if (type === "array" && items) return `readonly ${inBrackets(typeOf(items, indent))}[]`;
  if (type === "object") return objectType(schema, indent);
  return PRIMITIVES[String(type)] ?? "unknown";
}

/** Returns the type of all parameters in one place, such as the path. */
function parametersType(parameters: readonly Parameter[], place: string): string {
  const those = parameters.filter((one) => one.in === place);
  const properties = Object.fromEntries(those.map(({ name, schema }) => [name, schema]));
  const required = those.filter((one) => one.required).map(({ name }) => name);
  return objectType({ properties, required }, "    ");
}

function answerType({ responses }: Operation): string {
  const [, success] = Object.entries(responses).find(([status]) => status.startsWith("2")) ?? [];
  const schema = success?.content?.["application/json"]?.schema;
  return schema ? typeOf(schema, "    ") : "null";
}

function operationType(method: string, path: string, operation: Operation): string {
  const body = operation.requestBody?.content["application/json"]?.schema;
  return `  /** ${operation.summary}: \`${method.toUpperCase()} ${path}\` */
  readonly ${operation.operationId}: {
    readonly params: ${parametersType(operation.parameters, "path")};
    readonly query: ${parametersType(operation.parameters, "query")};
    readonly body: ${body ? typeOf(body, "    ") : "null"};
    readonly answer: ${answerType(operation)};
  };`;
}

/**
 * Generates the types of `packages/client` from the OpenAPI document.
 *
 * `openapi-typescript` 7 supports TypeScript 5 only; this repository has TypeScript 6.
 */
export async function clientTypes(): Promise<string> {
  const { paths, components } = (await openApiIn("en")) as unknown as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      // A stream of lines is not a single JSON answer.
      .filter(([, { responses }]) => !responses[200]?.content?.["application/x-ndjson"])
      .map(([method, operation]) => ({ path, method, operation })),
  );
  const schemas = Object.entries(components.schemas)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`);
  const types = operations.map(({ method, path, operation }) => operationType(method, path, operation));
  const routes = operations.map(
    ({ method, path, operation }) =>
      `  ${operation.operationId}: { method: "${method.toUpperCase()}", path: "${path}" },`,
  );
  return `// Made by \`npm run client-types\` from the OpenAPI document. A test compares the two.

${schemas.join("\n")}
export type Operations = {
${types.join("\n")}
};

export const ROUTES = {
${routes.join("\n")}
} as const satisfies Record<keyof Operations, { readonly method: string; readonly path: string }>;
`;
}
