import { PERSONAL_FIELDS } from "@/lib/dingtalk/personal-fields";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "@/lib/dingtalk/read-json";

const normalized = (name: string): string => name.replaceAll(/[_-]/g, "").toLowerCase();

/** Names of personal fields in both spellings of DingTalk's APIs, and of the older API's fields with such content. */
const PERSONAL: ReadonlySet<string> = new Set([...PERSONAL_FIELDS, "tel", "extattr"].map(normalized));

/** Credentials inside of events, which no page may show. */
const SECRETS: ReadonlySet<string> = new Set(["suiteticket", "authcode", "permanentcode", "tmpauthcode"]);

export type StorablePayload = {
  readonly text: string;
  /** The text contains personal values. */
  readonly hasPersonal: boolean;
};

/** Returns an event's payload as it may be stored: without secrets, and without personal values unless kept (S33). */
export function storablePayload(payload: JsonObject, keepsPersonal: boolean): StorablePayload {
  let hasPersonal = false;
  const filterField = (name: string, value: JsonValue): readonly (readonly [string, JsonValue])[] => {
    const key = normalized(name);
    if (SECRETS.has(key)) return [[name, "[redacted]"]];
    if (!PERSONAL.has(key)) return [[name, filter(value)]];
    if (!keepsPersonal) return [];
    hasPersonal = true;
    return [[name, value]];
  };
  const filter = (value: JsonValue): JsonValue => {
    if (Array.isArray(value)) return value.map(filter);
    if (isJsonObject(value)) {
      return Object.fromEntries(Object.entries(value).flatMap(([name, inner]) => filterField(name, inner)));
    }
    // SyncHTTP and label events contain objects as JSON text
    if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
    const parsed = parseJson(value);
    return parsed.ok ? JSON.stringify(filter(parsed.value)) : value;
  };
  const text = JSON.stringify(filter(payload));
  return { text, hasPersonal };
}
