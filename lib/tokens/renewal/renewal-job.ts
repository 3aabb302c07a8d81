import "server-only";
import { AppError } from "@/lib/errors";
import type { JobHandler } from "@/lib/jobs/queues";
import { ensureToken } from "./ensure-token";
import { ourTokenService } from "./token-service";

/** Renews an app's token if it is due. A job that comes too early is scheduled again; one of a deleted app ends. */
export const renewTokenJob: JobHandler<"token.renew"> = async ({ organizationId, appId }, { signal }) => {
  try {
    await ensureToken(ourTokenService(), { organizationId, appId }, { for: "schedule" }, signal);
  } catch (error) {
    if (!(error instanceof AppError && error.code === "not_found")) throw error;
  }
};
