import "server-only";
import { AppError } from "@/lib/errors";
import type { JobHandler } from "@/lib/jobs/handler";
import { probeApp } from "./probe-app";

/** Probes an app whose time has come. The row says when that is, as with renewals. */
export const probeAppJob: JobHandler<"app.probe"> = async ({ organizationId, appId }, { signal }) => {
  try {
    await probeApp({ organizationId, appId }, signal);
  } catch (error) {
    // Gone, or disabled meanwhile: nothing to probe any more
    if (!(error instanceof AppError && (error.code === "not_found" || error.code === "conflict")))
      throw error;
  }
};
