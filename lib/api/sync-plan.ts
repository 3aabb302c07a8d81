import { z } from "zod";
import type { PlanPage } from "@/lib/directory/changes/read-plan";
import { CHANGE_KINDS, CHANGE_OUTCOMES, CHANGED_OBJECTS } from "@/lib/directory/changes/states";
import type { Run } from "@/lib/directory/runs/queries";
import { searchText } from "@/lib/directory/search/schema";
import { changeFields, toChangeFields } from "./changes";
import { defineContract } from "./contract";
import { pageLimit } from "./departments";
import { heldForAnswer, syncAnswer, syncParams, toSyncAnswer } from "./syncs";

const NUMBER_MAX = 2 ** 31 - 1;
const REASON_CHARACTERS_MAX = 500;

const outcome = z
  .enum(CHANGE_OUTCOMES)
  .nullable()
  .meta({ description: "Set for what is not applied with the others: stale, left out, or kept by hand." });

export const getSyncPlanContract = defineContract({
  operation: "getSyncPlan",
  method: "GET",
  path: "/apps/{appId}/syncs/{syncId}/plan",
  scope: "directory:sync",
  params: syncParams,
  query: z.strictObject({
    object: z.enum(CHANGED_OBJECTS).optional(),
    kind: z.enum(CHANGE_KINDS).optional(),
    q: searchText.optional().meta({ description: "A part of the name, before or after, or the id." }),
    cursor: z.coerce.number().int().min(1).max(NUMBER_MAX).optional(),
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
        .meta({ description: "Of the whole plan; only with the first page." }),
      changes: z.array(z.object({ ...changeFields, outcome }).meta({ id: "PlannedChange" })),
      nextCursor: z.string().nullable(),
    }),
  },
});

/** What a program is told of a run's plan. */
export const toPlanAnswer = (
  { changes, counts, next }: PlanPage,
  { heldFor }: Pick<Run, "heldFor">,
): z.input<typeof getSyncPlanContract.answer.schema> => ({
  heldFor: heldFor && heldFor.map((reason) => ({ ...reason })),
  counts: counts && [...counts],
  changes: changes.map((change) => ({ ...toChangeFields(change), outcome: change.outcome })),
  nextCursor: next === null ? null : String(next),
});

const reason = z
  .string()
  .trim()
  .min(1)
  .max(REASON_CHARACTERS_MAX)
  .meta({ description: "Kept with the sync." });

const decided = z.object({
  sync: syncAnswer,
  skipped: z.int().meta({ description: "Changes left alone, since their rows had changed meanwhile." }),
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
          .meta({ description: "How many departments and members it removes, as the plan counts them." }),
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
