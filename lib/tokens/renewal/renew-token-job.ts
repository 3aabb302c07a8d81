import "server-only";
import { AppError } from "@/lib/errors";
import type { JobHandler } from "@/lib/jobs/handler";
import { keepToken } from "./ensure-token";
import { ourKeeper } from "./token-service";

/**
 * Renews an app's token when its time has come. The row says when that is, not the job: one that comes too
 * early is put back, one too many does nothing, and one for an app that is gone ends quietly.
 */
export const renewTokenJob: JobHandler<"token.renew"> = async ({ organizationId, appId }, { signal }) => {
  try {
    await keepToken(ourKeeper(), { organizationId, appId }, { for: "schedule" }, signal);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
};
