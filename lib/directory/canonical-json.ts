import type { JsonValue } from "@/lib/dingtalk/read-json";

/** Serializes JSON with sorted keys. Safe for keys such as `__proto__`, because nothing is assigned by key. */
export function canonicalJson(value: JsonValue): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  return objectText(Object.entries(value));
}

export function objectText(entries: readonly (readonly [string, JsonValue])[]): string {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([key, value]) => `${JSON.stringify(key)}:${canonicalJson(value)}`).join(",")}}`;
}
