import "server-only";
import type { Work } from "@/lib/db/run-sql";
import { isTokenApi } from "@/lib/dingtalk/access-token";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import type { AppRef } from "./app-ref";
import { PROBE_EVERY_MS } from "./breaker";
import { failureClassOf } from "./failure-class";
import { noteFailure } from "./note-outcome";
import { scheduleProbe } from "./schedule-probe";

/**
 * What an API's answer to a call means for the app, if anything. One that refuses it for a cause that is mended at
 * DingTalk is called again in ten minutes; what a renewal came to is noted where it is stored, and what passes says
 * nothing of the app.
 */
export async function noteRefusal(work: Work, app: AppRef, error: DingtalkError, at: Date): Promise<void> {
  switch (failureClassOf(error)) {
    case "broken":
      await noteFailure(work, app, error, { at });
      return;
    case "elsewhere": {
      if (isTokenApi(error.api)) return;
      const probeAt = new Date(at.getTime() + PROBE_EVERY_MS);
      await noteFailure(work, app, error, { at, probeAt });
      await scheduleProbe(app, probeAt, work);
      return;
    }
    case "passing":
  }
}
