import { PERSONAL_FIELDS, type PersonalField } from "@/lib/dingtalk/personal-fields";

/** The fields of a member that aren't personal, under DingTalk's names; `departments` holds the names of their departments. */
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

export const SOURCE_FIELDS: readonly (PlainField | PersonalField)[] = [...PLAIN_FIELDS, ...PERSONAL_FIELDS];

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

export type Source =
  | { readonly from: "field"; readonly field: PlainField | PersonalField }
  /** A key of DingTalk's `extension`, which holds the fields that an organization defines itself. */
  | { readonly from: "extension"; readonly key: string }
  | { readonly from: "constant"; readonly text: string }
  | { readonly from: "nothing" };

export type SourceError = "sourceUnknown" | "extensionKey" | "constantLong";

/** Parses the stored form of a source: `field:title`, `extension:花名`, `constant:Acme`, or an empty text for none. */
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

/** Returns whether a source exposes a personal value (S33). */
export const isPersonal = (source: Source): boolean =>
  source.from === "extension" || (source.from === "field" && PERSONAL.has(source.field));

const VERSIONED: ReadonlySet<string> = new Set([
  "userid",
  "name",
  "title",
  "job_number",
  "departments",
  "active",
] satisfies PlainField[]);

/** Returns whether past versions of a member hold the source's value. */
export const isVersioned = (source: Source): boolean =>
  source.from === "constant" || (source.from === "field" && VERSIONED.has(source.field));

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
