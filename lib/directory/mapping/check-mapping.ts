import { type Mapped, targetsOf } from "./default-mapping";
import { FLAG_FIELDS, isPersonal, parseSource, type Source, type SourceError } from "./sources";

export type WrongSource = SourceError | "sourceNeeded" | "sourceNoFlag" | "personalNotKept";

const isFlagSource = (source: Source): boolean =>
  source.from === "nothing" ||
  (source.from === "field" && FLAG_FIELDS.has(source.field)) ||
  (source.from === "constant" && (source.text === "true" || source.text === "false"));

export type CheckedSources = {
  readonly chosen: Readonly<Record<string, string>>;
  readonly wrong: Readonly<Record<string, WrongSource>>;
};

/** Validates the chosen sources. Missing fields keep the default. @param given under keys such as `api.title` */
export function checkSources(
  mapped: Mapped,
  given: Readonly<Record<string, string>>,
  { keepsPersonal }: { readonly keepsPersonal: boolean },
): CheckedSources {
  const chosen: Record<string, string> = {};
  const wrong: Record<string, WrongSource> = {};
  for (const { name, source: defaultSource, isFlag, isRequired } of targetsOf(mapped)) {
    const field = `${mapped}.${name}`;
    const text = given[field];
    if (text === undefined || text === defaultSource) continue;
    const source = parseSource(text);
    if (typeof source === "string") wrong[field] = source;
    else if (isRequired && source.from === "nothing") wrong[field] = "sourceNeeded";
    else if (isFlag && !isFlagSource(source)) wrong[field] = "sourceNoFlag";
    else if (isPersonal(source) && !keepsPersonal) wrong[field] = "personalNotKept";
    else chosen[field] = text;
  }
  return { chosen, wrong };
}
