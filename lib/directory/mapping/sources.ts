import { PERSONAL_FIELDS, type PersonalField } from "@/lib/dingtalk/read-member";

/** What of a member isn't personal, by DingTalk's names; `departments` are the names of those that they are in. */
const PLAIN_FIELDS = [
  "userid",
  "unionid",
  "name",
  "title",
  "job_number",
  "departments",
  "active",
  "admin",
  "boss",
  "exclusive_account",
  "hide_mobile",
] as const;

type PlainField = (typeof PLAIN_FIELDS)[number];

/** Every field that a value may come from, in the order in which people choose. */
export const SOURCE_FIELDS: readonly (PlainField | PersonalField)[] = [...PLAIN_FIELDS, ...PERSONAL_FIELDS];

/** Sources that say yes or no. */
export const FLAG_FIELDS: ReadonlySet<string> = new Set([
  "active",
  "admin",
  "boss",
  "exclusive_account",
  "hide_mobile",
] satisfies PlainField[]);

const PERSONAL: ReadonlySet<string> = new Set(PERSONAL_FIELDS);
const EXTENSION_KEY_MAX = 64;
const CONSTANT_MAX = 256;

/** Where the value of a field comes from. */
export type Source =
  | { readonly from: "field"; readonly field: PlainField | PersonalField }
  /** A key of DingTalk's `extension`, which holds what an organization added to its people. */
  | { readonly from: "extension"; readonly key: string }
  | { readonly from: "constant"; readonly text: string }
  | { readonly from: "nothing" };

/** What the text of a source may be wrong about. */
export type SourceError = "sourceUnknown" | "extensionKey" | "constantLong";

/**
 * A source as it is kept, sent and chosen: `field:title`, `extension:花名`, `constant:Acme`, or nothing at all.
 */
export function parseSource(text: string): Source | SourceError {
  if (text === "") return { from: "nothing" };
  const colon = text.indexOf(":");
  const [kind, rest] = [text.slice(0, colon), text.slice(colon + 1)];
  if (kind === "constant")
    return rest.length > CONSTANT_MAX ? "constantLong" : { from: "constant", text: rest };
  if (kind === "extension") {
    const isKey = rest.trim() !== "" && rest.length <= EXTENSION_KEY_MAX;
    return isKey ? { from: "extension", key: rest } : "extensionKey";
  }
  const field = SOURCE_FIELDS.find((one) => one === rest);
  return kind === "field" && field !== undefined ? { from: "field", field } : "sourceUnknown";
}

/** Whether a source tells what is personal (S33). */
export const isPersonal = (source: Source): boolean =>
  source.from === "extension" || (source.from === "field" && PERSONAL.has(source.field));

const KEPT: ReadonlySet<string> = new Set([
  "userid",
  "name",
  "title",
  "job_number",
  "departments",
  "active",
] satisfies PlainField[]);

/** Whether the past knows what a source tells: its versions of a member keep no more than this. */
export const isKept = (source: Source): boolean =>
  source.from === "constant" || (source.from === "field" && KEPT.has(source.field));

/** The text that `parseSource` reads. */
export function sourceText(source: Source): string {
  switch (source.from) {
    case "field":
      return `field:${source.field}`;
    case "extension":
      return `extension:${source.key}`;
    case "constant":
      return `constant:${source.text}`;
    case "nothing":
      return "";
  }
}
