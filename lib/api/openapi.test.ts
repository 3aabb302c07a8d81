import { describe, expect, test } from "vitest";
import { LOCALES } from "@/lib/i18n/locales";
import { EVERY_CONTRACT } from "./every-contract";
import { openApiIn } from "./localized-openapi";

type Operation = {
  readonly operationId: string;
  readonly summary: string;
  readonly security: readonly { readonly key: readonly string[] }[];
  readonly parameters: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: object;
  readonly responses: Record<string, object>;
};
type Document = {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, object> };
};

const documents = await Promise.all(LOCALES.map((locale) => openApiIn(locale) as Promise<unknown>));
const document = documents[0] as Document;

describe("the OpenAPI document", () => {
  test("lists every route with its scope and a summary in each language", () => {
    for (const one of documents as Document[]) {
      for (const { path, method, operation, scope } of EVERY_CONTRACT) {
        const found = one.paths[path]?.[method.toLowerCase()];
        expect(found, path).toMatchObject({ operationId: operation, security: [{ key: [scope] }] });
        expect(found?.summary).not.toBe(`api.operation.${operation}`);
      }
    }
  });

  test("contains every schema that it refers to", () => {
    const text = JSON.stringify(document);
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(names).toContain("App");
    expect(names).toContain("Problem");
    for (const name of names) expect(document.components.schemas, name).toHaveProperty(name ?? "");
    expect(text).not.toContain("$defs");
    expect(text).not.toContain(String(Number.MAX_SAFE_INTEGER));
  });

  test("keeps the example of a body that is transformed", () => {
    expect(document.paths["/webhooks"]?.post?.requestBody).toMatchObject({
      content: { "application/json": { schema: { examples: [{ url: "https://example.com/dingkeep" }] } } },
    });
  });

  test("lists the parameters of each path, forbids unknown fields in bodies and allows them in answers", () => {
    for (const [path, operations] of Object.entries(document.paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters } of Object.values(operations)) {
        expect(parameters.filter((one) => one.in === "path").map(({ name }) => name)).toEqual(named);
      }
    }
    expect(JSON.stringify(document.paths["/apps"]?.post?.requestBody)).toContain(
      '"additionalProperties":false',
    );
    expect(JSON.stringify(document.components.schemas.App)).not.toContain("additionalProperties");
  });
});
