import { z } from "zod";
import { CHANGE_KINDS, CHANGE_OUTCOMES, CHANGED_OBJECTS } from "@/lib/directory/changes/change-kinds";
import type { PlanPage } from "@/lib/directory/changes/read-plan";
import type { Run } from "@/lib/directory/runs/run";
import { searchText } from "@/lib/directory/search/schema";
import { cursorNumber, cursorOfField, nextCursor } from "@/lib/pagination/cursor";
import { changeFields, toChangeFields } from "./changes";
import { defineContract } from "./contract";
import { pageLimit } from "./page-limit";
import { heldForAnswer, syncAnswer, syncParams, toSyncAnswer } from "./syncs";

const NUMBER_MAX = 2 ** 31 - 1;
const REASON_CHARACTERS_MAX = 500;

const outcome = z
  .enum(CHANGE_OUTCOMES)
  .nullable()
  .meta({ description: "Set for changes that are not applied: stale, excluded, or kept manually." });

export const getSyncPlanContract = defineContract({
  operation: "getSyncPlan",
  method: "GET",
  path: "/apps/{appId}/syncs/{syncId}/plan",
  scope: "directory:sync",
  params: syncParams,
  query: z.strictObject({
    object: z.enum(CHANGED_OBJECTS).optional(),
    kind: z.enum(CHANGE_KINDS).optional(),
    q: searchText
      .optional()
      .meta({ description: "Matches a part of the name before or after the change, or the ID." }),
    cursor: cursorOfField(cursorNumber).optional(),
    limit: pageLimit,
  }),
  body: null,
  answer: {
    status: 200,
    schema: z.object({
      heldFor: heldForAnswer,
      counts: z
        .array(
          z.object({
            object: z.enum(CHANGED_OBJECTS),
            kind: z.enum(CHANGE_KINDS),
            outcome,
            count: z.int(),
          }),
        )
        .nullable()
        .meta({ description: "Counts of the whole plan, on the first page only." }),
      changes: z.array(z.object({ ...changeFields, outcome }).meta({ id: "PlannedChange" })),
      nextCursor: z.string().nullable(),
    }),
  },
});

export const toPlanAnswer = (
  { changes, counts, next }: PlanPage,
  { heldFor }: Pick<Run, "heldFor">,
): z.input<typeof getSyncPlanContract.answer.schema> => ({
  heldFor: heldFor && heldFor.map((reason) => ({ ...reason })),
  counts: counts && [...counts],
  changes: changes.map((change) => ({ ...toChangeFields(change), outcome: change.outcome })),
  nextCursor: nextCursor(next),
});

const reason = z
  .string()
  .trim()
  .min(1)
  .max(REASON_CHARACTERS_MAX)
  .meta({ description: "Stored with the sync." });

const decided = z.object({
  sync: syncAnswer,
  skipped: z.int().meta({ description: "Changes that were skipped because their rows had changed since." }),
});

export const applySyncContract = defineContract({
  operation: "applySync",
  method: "POST",
  path: "/apps/{appId}/syncs/{syncId}/apply",
  scope: "directory:decide",
  params: syncParams,
  query: z.strictObject({}),
  body: z
    .discriminatedUnion("removals", [
      z.strictObject({ removals: z.literal(false), reason }),
      z.strictObject({
        removals: z.literal(true),
        confirmRemovals: z
          .int()
          .min(0)
          .max(NUMBER_MAX)
          .meta({ description: "Number of departments and members to remove, as in the plan." }),
        reason,
      }),
    ])
    .meta({ examples: [{ removals: false, reason: "The scope was narrowed by mistake" }] }),
  answer: { status: 200, schema: decided },
  fails: [409],
});

export const rejectSyncContract = defineContract({
  operation: "rejectSync",
  method: "POST",
  path: "/apps/{appId}/syncs/{syncId}/reject",
  scope: "directory:decide",
  params: syncParams,
  query: z.strictObject({}),
  body: z.strictObject({ reason }).meta({ examples: [{ reason: "Not what we meant" }] }),
  answer: { status: 200, schema: decided },
  fails: [409],
});

export const toDecidedAnswer = async (run: Run, skipped: number, headers: Headers) => ({
  sync: await toSyncAnswer(run, headers),
  skipped,
});
