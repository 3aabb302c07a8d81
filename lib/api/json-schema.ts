import { z } from "zod";

export type JsonSchema = { readonly [name: string]: unknown };

/** Every answer's members may become more; what is sent may hold no other. */
type Direction = "input" | "output";

const toReference = (name: unknown) => String(name).replace("#/$defs/", "#/components/schemas/");

/** In the form in which people read it: without what JSON Schema says twice. */
function readable(value: unknown, direction: Direction): unknown {
  if (Array.isArray(value)) return value.map((one) => readable(one, direction));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name, of]) => {
    if (name === "additionalProperties") return direction === "input";
    // The format says it, in a hundred characters less
    if (name === "pattern") return !("format" in value);
    return Math.abs(Number(of)) !== Number.MAX_SAFE_INTEGER;
  });
  return Object.fromEntries(
    kept.map(([name, of]) => [name, name === "$ref" ? toReference(of) : readable(of, direction)]),
  );
}

/** Gathers the JSON Schemas of one OpenAPI document: those that have an id stand in its components. */
export class JsonSchemas {
  readonly components: Record<string, JsonSchema> = {};

  /** @param schema of a contract, as a route validates with it */
  of(schema: z.ZodType, direction: Direction): JsonSchema {
    // In an object, for what stands at the top is never a reference.
    const made = z.toJSONSchema(z.object({ it: schema }), { io: direction, unrepresentable: "any" });
    for (const [name, definition] of Object.entries(made.$defs ?? {})) {
      this.components[name] = readable(definition, direction) as JsonSchema;
    }
    return readable(made.properties?.it, direction) as JsonSchema;
  }
}
