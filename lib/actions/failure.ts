import "server-only";
import { unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import type { FormFailure } from "@/lib/action-state";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";
import { fieldErrorsOf } from "./field-errors";

type Failed = { readonly status: "failed" } & FormFailure;

/** What a form is told whose fields don't fit the schema. */
export const invalidFields = (error: z.ZodError): Failed => ({
  status: "failed",
  message: { key: "validation.form" },
  fieldErrors: fieldErrorsOf(error),
});

/** Makes the failure of a form whose fields contain text that PostgreSQL can't store. */
export const unstorableFields = (names: readonly string[]): Failed => ({
  status: "failed",
  message: { key: "validation.form" },
  fieldErrors: Object.fromEntries(names.map((name) => [name, { key: "validation.characters" }])),
});

/** What the browser learns of what was thrown: its kind and, if there is one, the time to wait. */
export function failureOf(error: unknown): Failed {
  unstable_rethrow(error); // redirect() and notFound() are thrown too, and are no failures
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
