import { parseSource, type Source } from "./sources";

/** The outputs that members are mapped to: the machine API's members, SCIM users and the exported file. */
export const MAPPED = ["api", "scim", "export"] as const;
export type Mapped = (typeof MAPPED)[number];

type Target = {
  readonly name: string;
  readonly source: string;
  readonly isFlag?: true;
  readonly isRequired?: true;
};

/** Every field whose source can be chosen. Ids, departments and times are not, because programs rely on them. */
const TARGETS = {
  api: [
    { name: "name", source: "field:name" },
    { name: "unionId", source: "field:unionid" },
    { name: "title", source: "field:title" },
    { name: "jobNumber", source: "field:job_number" },
    { name: "isActive", source: "field:active", isFlag: true },
    { name: "isAdmin", source: "field:admin", isFlag: true },
    { name: "isBoss", source: "field:boss", isFlag: true },
    { name: "isExclusive", source: "field:exclusive_account", isFlag: true },
    { name: "hidesMobile", source: "field:hide_mobile", isFlag: true },
    { name: "mobile", source: "field:mobile" },
    { name: "stateCode", source: "field:state_code" },
    { name: "telephone", source: "field:telephone" },
    { name: "email", source: "field:email" },
    { name: "orgEmail", source: "field:org_email" },
    { name: "workPlace", source: "field:work_place" },
    { name: "hiredDate", source: "field:hired_date" },
    { name: "remark", source: "field:remark" },
    { name: "avatar", source: "field:avatar" },
    { name: "extension", source: "field:extension" },
  ],
  scim: [
    { name: "userName", source: "field:userid", isRequired: true },
    { name: "externalId", source: "field:userid" },
    { name: "displayName", source: "field:name" },
    { name: "name.formatted", source: "field:name" },
    { name: "name.familyName", source: "" },
    { name: "name.givenName", source: "" },
    { name: "nickName", source: "" },
    { name: "title", source: "field:title" },
    { name: "userType", source: "" },
    { name: "preferredLanguage", source: "" },
    { name: "timezone", source: "" },
    { name: "active", source: "field:active", isFlag: true },
    { name: "emails.work", source: "field:org_email" },
    { name: "emails.other", source: "field:email" },
    { name: "phoneNumbers.mobile", source: "field:mobile" },
    { name: "phoneNumbers.work", source: "field:telephone" },
    { name: "enterprise.employeeNumber", source: "field:job_number" },
    { name: "enterprise.department", source: "field:departments" },
    { name: "enterprise.organization", source: "" },
    { name: "enterprise.division", source: "" },
    { name: "enterprise.costCenter", source: "" },
  ],
  export: [
    { name: "name", source: "field:name" },
    { name: "unionId", source: "field:unionid" },
    { name: "title", source: "field:title" },
    { name: "jobNumber", source: "field:job_number" },
    { name: "departments", source: "field:departments" },
    { name: "isActive", source: "field:active", isFlag: true },
    { name: "isAdmin", source: "field:admin", isFlag: true },
    { name: "mobile", source: "field:mobile" },
    { name: "telephone", source: "field:telephone" },
    { name: "email", source: "field:email" },
    { name: "orgEmail", source: "field:org_email" },
    { name: "workPlace", source: "field:work_place" },
    { name: "hiredDate", source: "field:hired_date" },
    { name: "remark", source: "" },
  ],
} satisfies Record<Mapped, readonly Target[]>;

export const targetsOf = (mapped: Mapped): readonly Target[] => TARGETS[mapped];

export type Mapping = { readonly [M in Mapped]: ReadonlyMap<string, Source> };

/**
 * Returns the mapping. An invalid stored source falls back to the default. @param chosen under keys such as
 * `api.title`
 */
export function toMapping(chosen: Readonly<Record<string, string>>): Mapping {
  const of = (mapped: Mapped) =>
    new Map(
      targetsOf(mapped).map(({ name, source }) => {
        const own = parseSource(chosen[`${mapped}.${name}`] ?? source);
        const used = typeof own === "string" ? parseSource(source) : own;
        return [name, typeof used === "string" ? { from: "nothing" } : used] as [string, Source];
      }),
    );
  return { api: of("api"), scim: of("scim"), export: of("export") };
}
