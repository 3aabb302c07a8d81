import { z } from "zod";
import { departmentId } from "@/lib/directory/ids";
import { searchText } from "@/lib/directory/search/schema";
import { defineContract } from "./contract";
import { appParams, none, time } from "./values";

const LIMIT_DEFAULT = 100;
const LIMIT_MAX = 1_000;

/** A department's id as it stands in an address. */
export const idText = departmentId.meta({
  description: "Digits as text: DingTalk's numbers may pass 2^53.",
  examples: ["1"],
});

export const pageLimit = z.coerce.number().int().min(1).max(LIMIT_MAX).default(LIMIT_DEFAULT);

export const updatedSince = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .optional()
  .meta({ description: "Only what changed at this moment or later, with what was removed." });

const departmentAnswer = z
  .object({
    id: z.string(),
    parentId: z.string().nullable(),
    name: z.string(),
    order: z.string().nullable().meta({ description: "Among its siblings, the smaller first." }),
    sourceIdentifier: z.string().nullable(),
    firstSeenAt: time,
    changedAt: time,
    removedAt: time.nullable(),
    managers: z
      .array(z.string())
      .nullable()
      .meta({ description: "Their userids. Null while DingTalk wasn't asked for the department's details." }),
    details: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: "What only `department/get` tells, by DingTalk's names." }),
    detailsAt: time.nullable().meta({ description: "When that was read." }),
    members: z
      .object({ direct: z.int(), total: z.int() })
      .meta({ description: "In it, and with all departments below; each person once." }),
  })
  .meta({ id: "Department" });

export const departmentParams = appParams.extend({ deptId: idText });

export const listDepartmentsContract = defineContract({
  operation: "listDepartments",
  method: "GET",
  path: "/apps/{appId}/departments",
  scope: "directory:read",
  params: appParams,
  query: z.strictObject({
    parentId: idText.optional().meta({ description: "Only the children of this one." }),
    updatedSince,
    q: searchText.optional().meta({
      description: "Only those whose name or its pinyin contains it, whose initials do, or whose id it is.",
    }),
    cursor: idText.optional().meta({ description: "`nextCursor` of the page before." }),
    limit: pageLimit,
  }),
  body: null,
  answer: {
    status: 200,
    schema: z.object({
      departments: z.array(departmentAnswer),
      nextCursor: z.string().nullable().meta({ description: "Null on the last page." }),
    }),
  },
});

export const getDepartmentContract = defineContract({
  operation: "getDepartment",
  method: "GET",
  path: "/apps/{appId}/departments/{deptId}",
  scope: "directory:read",
  params: departmentParams,
  query: none,
  body: null,
  answer: { status: 200, schema: departmentAnswer },
});

export const listAncestorsContract = defineContract({
  operation: "listAncestors",
  method: "GET",
  path: "/apps/{appId}/departments/{deptId}/ancestors",
  scope: "directory:read",
  params: departmentParams,
  query: none,
  body: null,
  answer: {
    status: 200,
    schema: z.object({
      ancestors: z
        .array(z.object({ id: z.string(), name: z.string() }))
        .meta({ description: "From the root down, without the department itself." }),
    }),
  },
});

export const streamDepartmentsContract = defineContract({
  operation: "streamDepartments",
  method: "GET",
  path: "/apps/{appId}/departments.ndjson",
  scope: "directory:read",
  params: appParams,
  query: none,
  body: null,
  answer: {
    status: 200,
    contentType: "application/x-ndjson",
    schema: z
      .union([
        departmentAnswer,
        z
          .object({
            end: z.literal(true),
            run: z.string().nullable().meta({ description: "The sync whose tree it is." }),
            count: z.int(),
            changed: z.boolean().meta({ description: "The tree changed while it was read: read it again." }),
          })
          .meta({ id: "DepartmentsEnd" }),
      ])
      .meta({ description: "One on each line; a stream without the last line was cut." }),
  },
  fails: [503],
});
