import "server-only";
import type { ClientBase } from "pg";
import type { RunRef } from "@/lib/app-ref";
import type { JsonObject } from "@/lib/dingtalk/read-json";
import type { AppEventType } from "@/lib/webhook-log/event-types";
import { recordEvent } from "@/lib/webhook-log/record-event";

type RunEvent = {
  readonly type: Extract<AppEventType, `sync.${string}`>;
  readonly at: Date;
  /** Fields that differ from those of a complete run without counts. */
  readonly data: JsonObject;
};

/** Records an event of a run for webhooks. */
export const recordRunEvent = (client: ClientBase, run: RunRef, { type, at, data }: RunEvent) =>
  recordEvent(client, run, {
    type,
    at,
    data: {
      syncId: run.runId,
      isPreview: false,
      isComplete: true,
      revision: null,
      departments: null,
      members: null,
      heldFor: [],
      error: null,
      retryAt: null,
      ...data,
    },
  });
