import { z } from "zod";
import { CHANGE_KINDS, CHANGED_OBJECTS, REMOVAL_REASONS } from "@/lib/directory/changes/change-kinds";
import { feedCursor } from "@/lib/directory/changes/feed-cursor";
import type { PublicChange } from "@/lib/directory/changes/public-change";
import type { AppliedChange } from "@/lib/directory/changes/read-feed";
import { defineContract } from "./contract";
import { pageLimit } from "./page-limit";
import { appParams, time } from "./values";

const state = z.record(z.string(), z.unknown()).nullable();

export const changeFields = {
  number: z.int().meta({ description: "Position among the changes of the same set." }),
  object: z.enum(CHANGED_OBJECTS),
  id: z.string().meta({ description: "The department's id or the member's userId." }),
  kind: z.enum(CHANGE_KINDS),
  reason: z.enum(REMOVAL_REASONS).nullable().meta({ description: "Reason for a removal." }),
  before: state.meta({
    description: "State before the change; null if the object is new or the member was erased.",
  }),
  after: state.meta({ description: "State after the change; null if the object was removed or erased." }),
  isPersonalChanged: z
    .boolean()
    .meta({ description: "Personal fields changed. Read the member to get them." }),
};

export const toChangeFields = ({ objectId, ...change }: PublicChange) => ({
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
    revision: z.int().meta({ description: "Increases with every change of the directory." }),
    at: time,
    setId: z
      .string()
      .meta({ description: "Set of changes that were made together. For a sync, the sync's ID." }),
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
      .meta({ description: "`nextCursor` of the previous page. Default: from the beginning." }),
    limit: pageLimit,
  }),
  body: null,
  answer: {
    status: 200,
    schema: z.object({
      changes: z.array(changeAnswer).meta({ description: "In commit order." }),
      nextCursor: z
        .string()
        .nullable()
        .meta({ description: "Keep it, also from the last page. Null if nothing has ever changed." }),
      hasMore: z.boolean(),
    }),
  },
  fails: [410],
});
