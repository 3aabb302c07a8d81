import { z } from "zod";
import { departmentId } from "@/lib/directory/ids";
import { searchText } from "@/lib/directory/search/schema";
import { cursorOfField } from "@/lib/pagination/cursor";
import { defineContract } from "./contract";
import { pageLimit } from "./page-limit";
import { appParams, none, time } from "./values";

export const idText = departmentId.meta({
  description: "Digits as text, because DingTalk's numbers can exceed 2^53.",
  examples: ["1"],
});

export const updatedSince = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(text))
  .optional()
  .meta({ description: "Only items that changed at or after this time, including removed ones." });

const departmentAnswer = z
  .object({
    id: z.string(),
    parentId: z.string().nullable(),
    name: z.string(),
    order: z.string().nullable().meta({ description: "Position among its siblings, smallest first." }),
    sourceIdentifier: z.string().nullable(),
    firstSeenAt: time,
    changedAt: time,
    removedAt: time.nullable(),
    managers: z
      .array(z.string())
      .nullable()
      .meta({ description: "Their userids. Null until the department's details have been read." }),
    details: z
      .record(z.string(), z.unknown())
      .nullable()
      .meta({ description: "Fields that only `department/get` returns, with DingTalk's names." }),
    detailsAt: time.nullable().meta({ description: "When the details were read." }),
    members: z.object({ direct: z.int(), total: z.int() }).meta({
      description:
        "Members of the department, and of it with all departments below; each person counts once.",
    }),
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
    parentId: idText.optional().meta({ description: "Only children of this department." }),
    updatedSince,
    q: searchText.optional().meta({
      description: "Matches a part of the name, its pinyin or its initials, or the whole ID.",
    }),
    cursor: cursorOfField(departmentId)
      .optional()
      .meta({ description: "`nextCursor` of the previous page." }),
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
        .meta({ description: "From the root to the parent." }),
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
            run: z.string().nullable().meta({ description: "The sync that read the tree." }),
            count: z.int(),
            changed: z.boolean().meta({ description: "The tree changed while it was read. Read it again." }),
          })
          .meta({ id: "DepartmentsEnd" }),
      ])
      .meta({ description: "One JSON value per line. A stream without the last line is incomplete." }),
  },
  fails: [503],
});
