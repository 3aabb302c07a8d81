import { z } from "zod";
import { feedCursor } from "@/lib/directory/changes/feed-cursor";
import type { AppliedChange } from "@/lib/directory/changes/read-feed";
import { CHANGE_KINDS, CHANGED_OBJECTS, REMOVAL_REASONS } from "@/lib/directory/changes/states";
import type { ToldChange } from "@/lib/directory/changes/told-change";
import { defineContract } from "./contract";
import { pageLimit } from "./departments";
import { appParams, time } from "./values";

const state = z.record(z.string(), z.unknown()).nullable();

/** What a change says, planned or applied. */
export const changeFields = {
  number: z.int().meta({ description: "Its place among the changes that were made together." }),
  object: z.enum(CHANGED_OBJECTS),
  id: z.string().meta({ description: "The department's id or the member's userId." }),
  kind: z.enum(CHANGE_KINDS),
  reason: z.enum(REMOVAL_REASONS).nullable().meta({ description: "Why it is removed." }),
  before: state.meta({ description: "What was there; null for what is new, and for who was erased." }),
  after: state.meta({ description: "What is there then; null for what is removed or erased." }),
  isPersonalChanged: z.boolean().meta({ description: "Personal fields changed: read the member." }),
};

export const toChangeFields = ({ objectId, ...change }: ToldChange) => ({
  number: change.number,
  object: change.object,
  id: objectId,
  kind: change.kind,
  reason: change.reason,
  before: change.before,
  after: change.after,
  isPersonalChanged: change.isPersonalChanged,
});

const changeAnswer = z
  .object({
    revision: z.int().meta({ description: "Rises with everything that changes the directory." }),
    at: time,
    setId: z.string().meta({ description: "What was changed together; a sync's is the sync's id." }),
    cause: z.string(),
    ...changeFields,
  })
  .meta({ id: "Change" });

export const toChangeAnswer = (change: AppliedChange): z.input<typeof changeAnswer> => ({
  revision: change.revision,
  at: change.appliedAt,
  setId: change.setId,
  cause: change.cause,
  ...toChangeFields(change),
});

export const listChangesContract = defineContract({
  operation: "listChanges",
  method: "GET",
  path: "/apps/{appId}/changes",
  scope: "directory:read",
  params: appParams,
  query: z.strictObject({
    after: feedCursor
      .optional()
      .meta({ description: "`nextCursor` of the page before; without it, from the beginning." }),
    limit: pageLimit,
  }),
  body: null,
  answer: {
    status: 200,
    schema: z.object({
      changes: z.array(changeAnswer).meta({ description: "In the order in which they were committed." }),
      nextCursor: z
        .string()
        .nullable()
        .meta({ description: "Keep it, on the last page too; null while nothing was ever changed." }),
      hasMore: z.boolean(),
    }),
  },
  fails: [410],
});
