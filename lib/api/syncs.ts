import { z } from "zod";
import type { Run } from "@/lib/directory/queries";
import { RUN_STATES, RUN_TRIGGERS } from "@/lib/directory/run-states";
import { HELD_REASON_KINDS } from "@/lib/directory/sync/guard";
import { RUN_STAGES } from "@/lib/directory/sync/sync-reasons";
import { defineContract } from "./contract";
import { appParams, id, none, time } from "./values";

const count = z.int();

/** The database counts an app's runs no further. */
const NUMBER_MAX = 2 ** 31 - 1;

/** Why a sync didn't do all of its work; with DingTalk's own words where it was DingTalk's. */
const syncError = z
  .object({ kind: z.string(), code: z.string().nullable(), message: z.string().nullable() })
  .meta({ id: "SyncError" });

export const heldForAnswer = z
  .array(z.looseObject({ kind: z.enum(HELD_REASON_KINDS) }))
  .nullable()
  .meta({ description: "Why it waits for a decision, or waited." });

export const syncAnswer = z
  .object({
    id,
    number: z.int(),
    state: z.enum(RUN_STATES),
    trigger: z.enum(RUN_TRIGGERS),
    startedByKey: z
      .string()
      .nullable()
      .meta({ description: "Name of the key that asked for it, as it was then." }),
    queuedAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    stage: z.enum(RUN_STAGES).nullable(),
    departmentsSeen: count,
    calls: count,
    throttles: count,
    added: count,
    changed: count,
    moved: count,
    removed: count,
    unchanged: count,
    mode: z.enum(["full", "verify", "preview"]),
    membersSeen: count,
    membersAdded: count,
    membersChanged: count,
    membersMoved: count,
    membersRemoved: count,
    membersUnchanged: count,
    heldFor: heldForAnswer,
    heldUntil: time.nullable(),
    decision: z.enum(["all", "without_removals", "rejected"]).nullable(),
    decidedAt: time.nullable(),
    decidedByKey: z.string().nullable(),
    decisionReason: z.string().nullable(),
    supersededById: z
      .string()
      .nullable()
      .meta({ description: "The sync whose plan took the place of its own." }),
    revision: z.int().nullable().meta({ description: "The directory's, once it is applied." }),
    isComplete: z
      .boolean()
      .meta({ description: "False for one that didn't see everything: it removed nothing." }),
    error: syncError.nullable(),
  })
  .meta({ id: "Sync" });

/** What a program is told of a run. Who asked for it by hand isn't among it: that is a person's. */
export function toSyncAnswer(run: Run): z.input<typeof syncAnswer> {
  const { error } = run;
  const said = error && "code" in error ? error : null;
  // Only what the schema names passes
  return syncAnswer.parse({
    ...run,
    error: error && { kind: error.kind, code: said?.code ?? null, message: said?.message ?? null },
  });
}

export const startSyncContract = defineContract({
  operation: "startSync",
  method: "POST",
  path: "/apps/{appId}/syncs",
  scope: "directory:sync",
  params: appParams,
  query: none,
  body: z.strictObject({}),
  answer: {
    status: 202,
    schema: z.object({
      sync: syncAnswer,
      already: z.boolean().meta({ description: "It was queued or running before." }),
    }),
  },
  fails: [409],
});

export const listSyncsContract = defineContract({
  operation: "listSyncs",
  method: "GET",
  path: "/apps/{appId}/syncs",
  scope: "directory:sync",
  params: appParams,
  query: z.strictObject({
    state: z.enum(RUN_STATES).optional(),
    cursor: z.coerce.number().int().min(1).max(NUMBER_MAX).optional(),
  }),
  body: null,
  answer: {
    status: 200,
    schema: z.object({ syncs: z.array(syncAnswer), nextCursor: z.string().nullable() }),
  },
});

export const syncParams = appParams.extend({ syncId: id });

export const getSyncContract = defineContract({
  operation: "getSync",
  method: "GET",
  path: "/apps/{appId}/syncs/{syncId}",
  scope: "directory:sync",
  params: syncParams,
  query: none,
  body: null,
  answer: { status: 200, schema: syncAnswer },
});
