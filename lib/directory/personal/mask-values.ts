import type { PersonalValues } from "@/lib/dingtalk/members";
import { isJsonObject, type JsonValue, parseJson } from "@/lib/dingtalk/read-json";

const HIDDEN = "****";
/** Shorter numbers could be guessed from the digits that stay visible. */
const NUMBER_CHARACTERS_MIN = 9;

/** `138****0000` */
const maskNumber = (text: string): string =>
  text.length < NUMBER_CHARACTERS_MIN ? HIDDEN : `${text.slice(0, 3)}${HIDDEN}${text.slice(-4)}`;

/** `l****@example.com` */
function maskEmail(text: string): string {
  const at = text.lastIndexOf("@");
  return at < 1 ? HIDDEN : `${text.slice(0, 1)}${HIDDEN}${text.slice(at)}`;
}

/** Masks the values of an extension. Its keys are the organization's field names. */
function maskExtension(value: JsonValue): JsonValue {
  const read = typeof value === "string" ? parseJson(value) : null;
  const object = read?.ok ? read.value : value;
  if (!isJsonObject(object)) return HIDDEN;
  return Object.fromEntries(Object.keys(object).map((key) => [key, HIDDEN]));
}

function maskOne(field: string, value: JsonValue): JsonValue {
  if (field === "extension") return maskExtension(value);
  if (typeof value !== "string") return HIDDEN;
  if (field === "mobile" || field === "telephone") return maskNumber(value);
  return field === "email" || field === "org_email" ? maskEmail(value) : HIDDEN;
}

/** Masks personal values for readers who may only know that they exist (S33). */
export const maskPersonal = (values: PersonalValues): PersonalValues =>
  Object.fromEntries(Object.entries(values).map(([field, value]) => [field, maskOne(field, value)]));
