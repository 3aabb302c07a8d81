import { z } from "zod";
import { toFault } from "@/lib/dingtalk-apps/schema";
import type { Run } from "@/lib/directory/runs/run";
import { HELD_REASON_KINDS, type RefusedWith } from "@/lib/directory/runs/run-reasons";
import { RUN_STAGES, RUN_STATES, RUN_TRIGGERS } from "@/lib/directory/runs/run-states";
import { type FaultTranslator, faultWords } from "@/lib/i18n/fault-words";
import { chooseLocale } from "@/lib/i18n/locales";
import { reasonWords, type SyncTranslator } from "@/lib/i18n/reason-words";
import { translate } from "@/lib/i18n/translate";
import { cursorNumber, cursorOfField } from "@/lib/pagination/cursor";
import { defineContract } from "./contract";
import { appParams, id, none, time } from "./values";

const count = z.int();

/** Why a sync is incomplete or failed, with DingTalk's error if DingTalk caused it. */
const syncError = z
  .object({
    kind: z.string().meta({ description: "Stable code for programs to branch on." }),
    code: z.string().nullable().meta({ description: "DingTalk's `errcode` or `code`." }),
    subCode: z.string().nullable().meta({
      description: "DingTalk's `sub_code`, which has the specific error if `code` is 88 or 15.",
    }),
    message: z.string().min(1).meta({
      description: "DingTalk's message, or an explanation in the caller's language if DingTalk sent none.",
    }),
  })
  .meta({ id: "SyncError" });

export const heldForAnswer = z
  .array(z.looseObject({ kind: z.enum(HELD_REASON_KINDS) }))
  .nullable()
  .meta({ description: "Why the sync is or was held for a decision." });

export const syncAnswer = z
  .object({
    id,
    number: z.int(),
    state: z.enum(RUN_STATES),
    trigger: z.enum(RUN_TRIGGERS),
    startedByKey: z
      .string()
      .nullable()
      .meta({ description: "Name of the API key that requested the sync, at that time." }),
    queuedAt: time,
    startedAt: time.nullable(),
    finishedAt: time.nullable(),
    retryAt: time
      .nullable()
      .meta({ description: "When a failed sync is retried, unless another sync starts first." }),
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
    supersededById: z.string().nullable().meta({ description: "The sync that replaced this one's plan." }),
    revision: z
      .int()
      .nullable()
      .meta({ description: "The directory's revision after the sync was applied." }),
    isComplete: z
      .boolean()
      .meta({ description: "False if the sync could not read everything. Such a sync removes nothing." }),
    error: syncError.nullable(),
  })
  .meta({ id: "Sync" });

/** Explains why a run is incomplete: DingTalk's message, or else an explanation in the caller's language. */
async function toErrorAnswer(
  error: NonNullable<Run["error"]>,
  headers: Headers,
): Promise<z.input<typeof syncError>> {
  const {
    kind,
    code = null,
    subCode = null,
    message = "",
  } = error as RefusedWith & { readonly kind: string };
  if (message !== "") return { kind, code, subCode, message };
  const locale = chooseLocale(undefined, headers.get("accept-language"));
  const fault = toFault(error);
  const { title, body } = fault
    ? faultWords((await translate(locale, "fault")) as FaultTranslator, fault)
    : reasonWords((await translate(locale, "sync")) as SyncTranslator, error);
  return { kind, code, subCode, message: `${title}. ${body}` };
}

/** Converts a run to the API's form, without the user who started it. */
export async function toSyncAnswer(run: Run, headers: Headers): Promise<z.input<typeof syncAnswer>> {
  // Drops fields that the schema doesn't name
  return syncAnswer.parse({ ...run, error: run.error && (await toErrorAnswer(run.error, headers)) });
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
      already: z.boolean().meta({ description: "A sync was queued or running already." }),
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
    cursor: cursorOfField(cursorNumber).optional(),
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
