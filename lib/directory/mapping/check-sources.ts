import { FLAG_FIELDS, isPersonal, parseSource, type Source, type SourceError } from "./sources";
import { type Mapped, targetsOf } from "./targets";

/** Why a source can't be the one of a field. */
export type WrongSource = SourceError | "sourceNeeded" | "sourceNoFlag" | "personalNotKept";

const saysYesOrNo = (source: Source): boolean =>
  source.from === "nothing" ||
  (source.from === "field" && FLAG_FIELDS.has(source.field)) ||
  (source.from === "constant" && (source.text === "true" || source.text === "false"));

export type CheckedSources = {
  /** What differs from the defaults, by `api.title`. */
  readonly chosen: Readonly<Record<string, string>>;
  readonly wrong: Readonly<Record<string, WrongSource>>;
};

/**
 * Looks at the sources that somebody chose for one of the things that are made of people. Fields that they don't name
 * keep the default.
 *
 * @param given by `api.title`
 */
export function checkSources(
  mapped: Mapped,
  given: Readonly<Record<string, string>>,
  { keepsPersonal }: { readonly keepsPersonal: boolean },
): CheckedSources {
  const chosen: Record<string, string> = {};
  const wrong: Record<string, WrongSource> = {};
  for (const { name, source: ordinary, isFlag, isNeeded } of targetsOf(mapped)) {
    const field = `${mapped}.${name}`;
    const text = given[field];
    if (text === undefined || text === ordinary) continue;
    const source = parseSource(text);
    if (typeof source === "string") wrong[field] = source;
    else if (isNeeded && source.from === "nothing") wrong[field] = "sourceNeeded";
    else if (isFlag && !saysYesOrNo(source)) wrong[field] = "sourceNoFlag";
    else if (isPersonal(source) && !keepsPersonal) wrong[field] = "personalNotKept";
    else chosen[field] = text;
  }
  return { chosen, wrong };
}
