/**
 * Writes JSON with bigints as integers with all digits, because DingTalk prints `order` values beyond 2^53 as plain
 * numbers.
 *
 * @see docs/dingtalk/conventions.md#decoding-answers
 */
export function toExactJson(value: unknown): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map((item) => toExactJson(item ?? null)).join(",")}]`;
  if (typeof value === "object" && value !== null) return objectToJson(value);
  return JSON.stringify(value) ?? "null";
}

function objectToJson(value: object): string {
  const members: string[] = [];
  for (const [key, member] of Object.entries(value)) {
    if (member !== undefined) members.push(`${JSON.stringify(key)}:${toExactJson(member)}`);
  }
  return `{${members.join(",")}}`;
}
