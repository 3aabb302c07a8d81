import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { type PersonalAccess, readPersonalVisibility } from "../personal/visibility";
import { inDirectory } from "../reader/directory-reader";
import { EVERYBODY, peopleSql, queryPeople } from "../reader/people";
import { type Mapped, targetsOf, toMapping } from "./default-mapping";
import { mapPerson, readMapping } from "./map-person";
import { sourceText } from "./sources";

export type ShownField = {
  readonly name: string;
  readonly source: string;
  readonly defaultSource: string;
  readonly isFlag: boolean;
  readonly isRequired: boolean;
};

/** Three real members as the mapping outputs them. A field without a source is absent. */
export type Preview = readonly {
  readonly name: string;
  readonly fields: Readonly<Record<string, string | null>>;
}[];

export type ShownMapping = {
  readonly fields: readonly ShownField[];
  readonly keepsPersonal: boolean;
  readonly preview: Preview;
};

/** Members with personal values come first, because their preview shows more fields. */
const PREVIEWED = peopleSql({
  from: EVERYBODY,
  where: "AND m.removed_at IS NULL",
  orderBy: "(m.personal_id IS NULL), m.user_id",
  limit: "LIMIT 3",
});

type PreviewOptions = {
  readonly mapped: Mapped;
  readonly given?: Readonly<Record<string, string>>;
  readonly personal: PersonalAccess;
};

/** Returns the sources of an output's fields, with a preview of three real members. */
export function getMapping(
  actor: Actor<"directory.read">,
  appId: string,
  { mapped, given, personal: access }: PreviewOptions,
): Promise<ShownMapping> {
  return inDirectory(actor, appId, async (reader) => {
    const saved = await readMapping(reader);
    const personal = await readPersonalVisibility(reader, access);
    const mapping = given ? toMapping(given) : saved;
    const people = await queryPeople(reader, PREVIEWED, { values: [], personal });
    return {
      fields: targetsOf(mapped).map(({ name, source, isFlag = false, isRequired = false }) => ({
        name,
        source: sourceText(mapping[mapped].get(name) ?? { from: "nothing" }),
        defaultSource: source,
        isFlag,
        isRequired,
      })),
      keepsPersonal: personal === "told",
      preview: people.map((person) => ({
        name: person.name,
        fields: Object.fromEntries(mapPerson(person, mapping, mapped)),
      })),
    };
  });
}
