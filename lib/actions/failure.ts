import "server-only";
import { unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import type { FormFailure } from "@/lib/action-state";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { fieldErrorsOf } from "./field-errors";

type Failed = { readonly status: "failed" } & FormFailure;

export const invalidFields = (error: z.ZodError): Failed => ({
  status: "failed",
  message: { key: "validation.form" },
  fieldErrors: fieldErrorsOf(error),
});

export const unstorableFields = (names: readonly string[]): Failed => ({
  status: "failed",
  message: { key: "validation.form" },
  fieldErrors: Object.fromEntries(names.map((name) => [name, { key: "validation.characters" }])),
});

/** Reveals only the code of a thrown error and the time to wait (S21). */
export function failureOf(error: unknown): Failed {
  unstable_rethrow(error);
  if (!(error instanceof AppError)) {
    log.error("action failed", { error });
    return { status: "failed", message: { key: "error.internal" } };
  }
  if (error.status >= 500) log.warn("action failed", { error });
  const seconds = error.retryAfterSeconds;
  return {
    status: "failed",
    message: {
      key: error.limit ? `error.limit.${error.limit}` : `error.${error.code}`,
      ...(seconds !== undefined && { values: { minutes: Math.ceil(seconds / 60) } }),
    },
    ...(error.code === "password_needed" && { needsPassword: true }),
  };
}
