import { z } from "zod";

export type JsonSchema = { readonly [name: string]: unknown };

/** An answer may get more fields in a later version; a request may contain no unknown ones. */
type Direction = "input" | "output";

const toReference = (name: unknown) => String(name).replace("#/$defs/", "#/components/schemas/");

function readable(value: unknown, direction: Direction): unknown {
  if (Array.isArray(value)) return value.map((one) => readable(one, direction));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name, of]) => {
    if (name === "additionalProperties") return direction === "input";
    // The format says the same
    if (name === "pattern") return !("format" in value);
    return Math.abs(Number(of)) !== Number.MAX_SAFE_INTEGER;
  });
  return Object.fromEntries(
    entries.map(([name, of]) => [name, name === "$ref" ? toReference(of) : readable(of, direction)]),
  );
}

export class JsonSchemas {
  readonly components: Record<string, JsonSchema> = {};

  of(schema: z.ZodType, direction: Direction): JsonSchema {
    // Wrapped in an object, because zod never makes the top level a reference.
    const generated = z.toJSONSchema(z.object({ it: schema }), {
      io: direction,
      unrepresentable: "any",
      // zod leaves out examples of transforming requests. Ours are values before the transform.
      override: ({ zodSchema, jsonSchema }) => {
        const examples = z.core.globalRegistry.get(zodSchema)?.examples;
        if (Array.isArray(examples) && direction === "input") jsonSchema.examples = examples;
      },
    });
    for (const [name, definition] of Object.entries(generated.$defs ?? {})) {
      this.components[name] = readable(definition, direction) as JsonSchema;
    }
    return readable(generated.properties?.it, direction) as JsonSchema;
  }
}
