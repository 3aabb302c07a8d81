import type { JsonObject, JsonValue } from "@/lib/dingtalk/read-json";

const FIELDS = ["kind", "api", "code", "subCode", "message", "requestId"] as const;

const isValue = (value: unknown): value is JsonValue =>
  value === null || ["string", "number", "boolean"].includes(typeof value);

/** Returns the fields of a described failure that receivers of webhooks get; `null` without a failure. */
export function faultData(description: unknown): JsonObject | null {
  if (typeof description !== "object" || description === null) return null;
  const entries = FIELDS.map((name) => {
    const value: unknown = Reflect.get(description, name);
    return [name, isValue(value) ? value : null] as const;
  });
  return Object.fromEntries(entries);
}
