import "server-only";
import { unstable_rethrow } from "next/navigation";
import { AppError, type ErrorCode } from "@/lib/errors";
import { log } from "@/lib/log";
import { READ_HEADERS } from "@/lib/request/headers";

/** A failure for a page's own script: its status and its code, and nothing else. */
export const problem = (code: ErrorCode, status: number, headers: Record<string, string> = {}): Response =>
  Response.json({ code }, { status, headers: { ...READ_HEADERS, ...headers } });

/** What a page's own script learns of what was thrown. */
export function readFailure(error: unknown): Response {
  unstable_rethrow(error);
  if (!(error instanceof AppError)) {
    log.error("read failed", { error });
    return problem("internal", 500);
  }
  if (error.status >= 500) log.warn("read failed", { error });
  const seconds = error.retryAfterSeconds;
  return problem(error.code, error.status, seconds === undefined ? {} : { "retry-after": String(seconds) });
}
