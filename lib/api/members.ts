import { z } from "zod";
import { mapPersonToJson } from "@/lib/directory/mapping/map-person";
import type { FieldRules } from "@/lib/directory/members/list-people";
import type { PersonalVisibility } from "@/lib/directory/personal/visibility";
import type { Person } from "@/lib/directory/reader/people";
import { searchText } from "@/lib/directory/search/schema";
import { cursorOfField } from "@/lib/pagination/cursor";
import { defineContract } from "./contract";
import { departmentParams, idText, updatedSince } from "./departments";
import { pageLimit } from "./page-limit";
import { appParams, none, time } from "./values";

const ID_CHARACTERS_MAX = 128;

const userIdText = z
  .string()
  .min(1)
  .max(ID_CHARACTERS_MAX)
  .meta({ examples: ["manager4711"] });

const mapped = z.string().nullable().optional();
const mappedFlag = z.boolean().nullable().optional();

/** Fields that depend on the app's field mapping and the key's scopes. Omitted fields are absent. */
const mappedFields = {
  name: mapped,
  unionId: mapped.meta({ description: "Equal in all apps of one developer account." }),
  title: mapped,
  jobNumber: mapped,
  isActive: mappedFlag,
  isAdmin: mappedFlag,
  isBoss: mappedFlag,
  isExclusive: mappedFlag,
  hidesMobile: mappedFlag,
  mobile: mapped.meta({ description: "Personal fields also need the scope directory:personal." }),
  stateCode: mapped,
  telephone: mapped,
  email: mapped,
  orgEmail: mapped,
  workPlace: mapped,
  hiredDate: mapped,
  remark: mapped,
  avatar: mapped,
  extension: mapped,
};

const PERSONAL_TERMS = [
  "told",
  "masked",
  "not_collected",
  "not_allowed",
] as const satisfies readonly PersonalVisibility[];

const memberAnswer = z
  .object({
    userId: z.string(),
    ...mappedFields,
    otherFields: z.array(z.string()).meta({ description: "Names of other fields that DingTalk sent." }),
    personal: z.enum(PERSONAL_TERMS).meta({
      description: "Availability of personal fields. `not_collected`: the organization does not store them.",
    }),
    places: z.array(
      z.object({
        departmentId: z.string(),
        department: z.string().nullable(),
        title: z.string().nullable(),
        isLeader: z.boolean().nullable(),
        order: z.string().nullable(),
      }),
    ),
    links: z
      .array(z.object({ appId: z.string(), userId: z.string() }))
      .meta({ description: "Members with the same unionId in the organization's other apps." }),
    firstSeenAt: time,
    changedAt: time,
    removedAt: time.nullable(),
    erasedAt: time.nullable().meta({ description: "When a removed member's data was erased." }),
  })
  .meta({ id: "Member" });

type MemberAnswer = z.input<typeof memberAnswer>;

/** Converts a member to the API's form. @param maySee returns whether the key may use an app */
export function toMemberAnswer(
  person: Person,
  { rules, maySee }: { readonly rules: FieldRules; readonly maySee: (appId: string) => boolean },
): MemberAnswer {
  const { userId, otherFields, places, links, firstSeenAt, changedAt, removedAt, erasedAt } = person;
  return {
    userId,
    ...(erasedAt ? {} : mapPersonToJson(person, rules.mapping, "api")),
    otherFields: [...otherFields],
    personal: rules.personal,
    places: [...places],
    links: links.filter(({ appId }) => maySee(appId)),
    firstSeenAt,
    changedAt,
    removedAt,
    erasedAt,
  };
}

const page = z.object({
  members: z.array(memberAnswer),
  nextCursor: z.string().nullable().meta({ description: "Null on the last page." }),
});

const pageQuery = {
  q: searchText.optional().meta({
    description:
      "Matches a part of the name, its pinyin or its initials, or the whole user ID or job number.",
  }),
  cursor: cursorOfField(userIdText).optional().meta({ description: "`nextCursor` of the previous page." }),
  limit: pageLimit,
};

export const listMembersContract = defineContract({
  operation: "listMembers",
  method: "GET",
  path: "/apps/{appId}/members",
  scope: "directory:read",
  params: appParams,
  query: z.strictObject({
    departmentId: idText.optional().meta({ description: "Only direct members of this department." }),
    unionId: userIdText.optional(),
    updatedSince,
    ...pageQuery,
  }),
  body: null,
  answer: { status: 200, schema: page },
});

export const getMemberContract = defineContract({
  operation: "getMember",
  method: "GET",
  path: "/apps/{appId}/members/{userId}",
  scope: "directory:read",
  params: appParams.extend({ userId: userIdText }),
  query: none,
  body: null,
  answer: { status: 200, schema: memberAnswer },
});

export const listDepartmentMembersContract = defineContract({
  operation: "listDepartmentMembers",
  method: "GET",
  path: "/apps/{appId}/departments/{deptId}/members",
  scope: "directory:read",
  params: departmentParams,
  query: z.strictObject(pageQuery),
  body: null,
  answer: { status: 200, schema: page },
});

export const streamMembersContract = defineContract({
  operation: "streamMembers",
  method: "GET",
  path: "/apps/{appId}/members.ndjson",
  scope: "directory:read",
  params: appParams,
  query: none,
  body: null,
  answer: {
    status: 200,
    contentType: "application/x-ndjson",
    schema: z
      .union([
        memberAnswer,
        z
          .object({
            end: z.literal(true),
            revision: z.int().meta({ description: "The directory's revision when the read began." }),
            count: z.int(),
            changed: z
              .boolean()
              .meta({ description: "The directory changed while it was read. Read it again." }),
          })
          .meta({ id: "MembersEnd" }),
      ])
      .meta({ description: "One JSON value per line. A stream without the last line is incomplete." }),
  },
  fails: [503],
});
