import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";

/** Encodes a failure for the sign-in page. next-auth passes on only an error's message. */
export const toSignInError = (error: unknown): Error => {
  if (error instanceof AppError && error.code === "rate_limited")
    return new Error(`throttled:${error.retryAfterSeconds ?? 60}`);
  if (error instanceof AppError && error.code === "unavailable") return new Error("unavailable");
  log.error("sign-in failed", { error });
  return new Error("internal");
};
