import "server-only";
import { unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import type { FormFailure } from "@/lib/action-state";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { fieldErrorsOf } from "./field-errors";

type Failed = { readonly status: "failed" } & FormFailure;

/** Returns the failure of a form whose fields don't fit the schema. */
export const invalidFields = (error: z.ZodError): Failed => ({
  status: "failed",
  message: { key: "validation.form" },
  fieldErrors: fieldErrorsOf(error),
});

/** Returns the failure of a form whose fields contain text that PostgreSQL can't store. */
export const unstorableFields = (names: readonly string[]): Failed => ({
  status: "failed",
  message: { key: "validation.form" },
  fieldErrors: Object.fromEntries(names.map((name) => [name, { key: "validation.characters" }])),
});

/** Returns what the browser may know of a thrown error: its code and, if it has one, the time to wait (S21). */
export function failureOf(error: unknown): Failed {
  unstable_rethrow(error); // redirect() and notFound() throw too and are not failures
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
