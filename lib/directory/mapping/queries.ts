import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { type MayReadPersonal, queryPeople, readTerms } from "../members/list-people";
import { inDirectory } from "../reader/directory-reader";
import { EVERYBODY, peopleSql } from "../reader/people-sql";
import { mapPerson } from "./map-person";
import { sourceText } from "./sources";
import { type Mapped, targetsOf, toMapping } from "./targets";

/** One field as people choose its source. */
export type ShownField = {
  readonly name: string;
  readonly source: string;
  readonly ordinary: string;
  readonly isFlag: boolean;
  readonly isNeeded: boolean;
};

/** What three real people would become; a field that is left out is absent. */
export type Preview = readonly {
  readonly name: string;
  readonly fields: Readonly<Record<string, string | null>>;
}[];

export type ShownMapping = {
  readonly fields: readonly ShownField[];
  readonly keepsPersonal: boolean;
  readonly preview: Preview;
};

/** Those of whom something personal is known first: they show more. */
const THREE = peopleSql({
  from: EVERYBODY,
  where: "AND m.removed_at IS NULL",
  orderBy: "(m.personal_id IS NULL), m.user_id",
  limit: "LIMIT 3",
});

type Asked = {
  readonly mapped: Mapped;
  /** Sources that are not saved yet. */
  readonly given?: Readonly<Record<string, string>>;
  readonly personal: MayReadPersonal;
};

/**
 * Where the fields come from, and what that makes of three real people.
 *
 * @throws {AppError} `not_found`
 */
export function getMapping(
  actor: Actor<"directory.read">,
  appId: string,
  { mapped, given, personal }: Asked,
): Promise<ShownMapping> {
  return inDirectory(actor, appId, async (reader) => {
    const terms = await readTerms(reader, personal);
    const mapping = given ? toMapping(given) : terms.mapping;
    const people = await queryPeople(reader, THREE, { values: [], terms });
    return {
      fields: targetsOf(mapped).map(({ name, source, isFlag = false, isNeeded = false }) => ({
        name,
        source: sourceText(mapping[mapped].get(name) ?? { from: "nothing" }),
        ordinary: source,
        isFlag,
        isNeeded,
      })),
      keepsPersonal: terms.personal === "told",
      preview: people.map((person) => ({
        name: person.name,
        fields: Object.fromEntries(mapPerson(person, mapping, mapped)),
      })),
    };
  });
}
