import type { Mapping } from "@/lib/directory/mapping/default-mapping";
import { mapPerson } from "@/lib/directory/mapping/map-person";
import type { Person } from "@/lib/directory/reader/people";
import type { Resource } from "./requested-attributes";
import { toScimId } from "./scim-ids";
import { URN } from "./urns";

/** The base URL of resources without a trailing slash: `https://…/scim/v2/{appId}`. */
export type Base = { readonly appId: string; readonly url: string };

const assigned = (values: { readonly [name: string]: unknown }): Resource =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null && value !== undefined));

const ifAny = <T>(value: T, isEmpty: boolean): T | undefined => (isEmpty ? undefined : value);
const object = (values: { readonly [name: string]: unknown }): Resource | undefined => {
  const kept = assigned(values);
  return ifAny(kept, Object.keys(kept).length === 0);
};

/** Returns the values of a multi-valued attribute, with the first as primary. */
function several(values: readonly (readonly [type: string, value: string | null | undefined])[]) {
  const kept = values.flatMap(([type, value]) => (value ? [{ value, type }] : []));
  return ifAny(
    kept.map((one, index) => (index === 0 ? { ...one, primary: true } : one)),
    kept.length === 0,
  );
}

const ENTERPRISE = ["employeeNumber", "department", "organization", "division", "costCenter"] as const;

export const metaOf = (
  base: Base,
  {
    type,
    id,
    created,
    changed,
  }: { readonly type: "User" | "Group"; readonly id: string; readonly created: Date; readonly changed: Date },
) => ({
  resourceType: type,
  created: created.toISOString(),
  lastModified: changed.toISOString(),
  location: `${base.url}/${type}s/${id}`,
});

export function toUser(person: Person, mapping: Mapping, base: Base): Resource {
  const fields = mapPerson(person, mapping, "scim");
  const of = (name: string) => fields.get(name);
  const id = toScimId("user", base.appId, person.userId);
  const active = of("active");
  const enterprise = object(Object.fromEntries(ENTERPRISE.map((name) => [name, of(`enterprise.${name}`)])));
  const groups = person.places.map(({ departmentId, department }) => {
    const value = toScimId("group", base.appId, departmentId);
    return {
      value,
      $ref: `${base.url}/Groups/${value}`,
      ...(department !== null && { display: department }),
      type: "direct",
    };
  });
  const { firstSeenAt: created, changedAt: changed } = person;
  return assigned({
    schemas: enterprise ? [URN.user, URN.enterprise] : [URN.user],
    id,
    // Required by SCIM, even if the mapping leaves it empty
    userName: of("userName") ?? person.userId,
    externalId: of("externalId"),
    name: object({
      formatted: of("name.formatted"),
      familyName: of("name.familyName"),
      givenName: of("name.givenName"),
    }),
    displayName: of("displayName"),
    nickName: of("nickName"),
    title: of("title"),
    userType: of("userType"),
    preferredLanguage: of("preferredLanguage"),
    timezone: of("timezone"),
    active: active === "true" ? true : active === "false" ? false : undefined,
    emails: several([
      ["work", of("emails.work")],
      ["other", of("emails.other")],
    ]),
    phoneNumbers: several([
      ["mobile", of("phoneNumbers.mobile")],
      ["work", of("phoneNumbers.work")],
    ]),
    groups: ifAny(groups, groups.length === 0),
    [URN.enterprise]: enterprise,
    meta: metaOf(base, { type: "User", id, created, changed }),
  });
}
