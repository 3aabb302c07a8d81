type Schema = {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
};

type Parameter = {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly schema: Schema;
};

export type Operation = {
  readonly operationId: string;
  readonly security: readonly { readonly key: readonly string[] }[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, unknown>>;
};

export type Route = {
  readonly method: string;
  /** Below `/api/v1`, with parameters in braces. */
  readonly path: string;
  readonly operation: Operation;
};

/** Loads the document from the server. */
export async function readRoutes(base: string | undefined): Promise<Route[]> {
  const document = (await (await fetch(`${base}/api/v1/openapi.json`)).json()) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({
      method: method.toUpperCase(),
      path,
      operation,
    })),
  );
}

export const scopeOf = ({ operation }: Route): string => operation.security[0]?.key[0] ?? "";

export const bodySchemaOf = ({ operation }: Route): Schema | null =>
  operation.requestBody?.content["application/json"].schema ?? null;

/** Values for fields of examples that a test server can't use: it has no name server. */
const LOCAL: Readonly<Record<string, object>> = { createWebhook: { url: "http://127.0.0.1:1/" } };

/** Returns a valid value for a schema: its example, or an object with the required fields. */
export function bodyOf(route: Route): Record<string, unknown> | null {
  const schema = bodySchemaOf(route);
  if (!schema) return null;
  const [example] = schema.examples ?? [];
  if (example) return { ...example, ...LOCAL[route.operation.operationId] };
  const { required = [], properties = {} } = schema;
  return Object.fromEntries(required.map((name) => [name, properties[name]?.examples?.[0] ?? "x"]));
}

/** Returns the field names of all variants of a body. */
export function fieldsOf(route: Route): string[] {
  const schema = bodySchemaOf(route);
  const forms = schema ? [schema, ...(schema.oneOf ?? []), ...(schema.anyOf ?? [])] : [];
  return [...new Set(forms.flatMap(({ properties = {} }) => Object.keys(properties)))];
}

/** Returns the names of a route's query parameters. */
export const queryOf = ({ operation }: Route): string[] =>
  operation.parameters.filter((one) => one.in === "query").map(({ name }) => name);
