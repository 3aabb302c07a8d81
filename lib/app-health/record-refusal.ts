import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { runSql, type Work } from "@/lib/db/run-sql";
import { isTokenApi } from "@/lib/dingtalk/access-token";
import type { DingtalkError } from "@/lib/dingtalk/errors";
import { nextProbeAt } from "@/lib/tokens/renewal/breaker";
import { failureClassOf } from "./failure-class";
import { noteFailure } from "./record-outcome";
import { scheduleProbe } from "./schedule-probe";

const BROKEN_SINCE = `
  SELECT state_since FROM dingtalk_app WHERE organization_id = $1::uuid AND id = $2::uuid AND state = 'broken'`;

/**
 * Notes what an API's answer to a call means for the app, if anything. An API that refuses the app is called again after
 * a pause; what a renewal came to is noted where it is stored, and what passes says nothing of the app.
 */
export async function noteRefusal(work: Work, app: AppRef, error: DingtalkError, at: Date): Promise<void> {
  const failureClass = failureClassOf(error);
  switch (failureClass) {
    case "secret":
      await noteFailure(work, app, error, { at });
      return;
    case "broken":
    case "elsewhere": {
      if (isTokenApi(error.api)) return;
      const values = [app.organizationId, app.appId];
      const [broken] = await runSql<{ state_since: Date }>(work, BROKEN_SINCE, values);
      const probeAt = nextProbeAt(failureClass, broken?.state_since ?? null, at);
      await noteFailure(work, app, error, { at, probeAt });
      await scheduleProbe(app, probeAt, work);
      return;
    }
    case "passing":
  }
}
