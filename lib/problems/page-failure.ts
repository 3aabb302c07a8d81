import "server-only";
import { unstable_rethrow } from "next/navigation";
import { AppError, type ErrorCode } from "@/lib/errors";
import { log } from "@/lib/log";
import { NO_STORE_HEADERS } from "@/lib/request/no-store";

/** Returns a failure for the scripts of a page, with nothing but its code (S21). */
export const problem = (code: ErrorCode, status: number, headers: Record<string, string> = {}): Response =>
  Response.json({ code }, { status, headers: { ...NO_STORE_HEADERS, ...headers } });

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
