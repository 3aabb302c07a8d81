import "server-only";
import { unstable_rethrow } from "next/navigation";
import type { z } from "zod";
import type { FormFailure, Message } from "@/lib/action-state";
import { AppError } from "@/lib/errors";
import { log } from "@/lib/log";

type Failed = { readonly status: "failed" } & FormFailure;

/** Says of each field the first thing that is wrong with it. */
export function invalidFields(error: z.ZodError): Failed {
  const fieldErrors: Record<string, Message> = {};
  for (const issue of error.issues) {
    const field = String(issue.path[0] ?? "");
    // A schema's own messages are keys; a sentence that zod made itself is not for people.
    const key = /^[a-zA-Z]+$/.test(issue.message) ? issue.message : "invalid";
    fieldErrors[field] ??= { key: `validation.${key}` };
  }
  return { status: "failed", message: { key: "validation.form" }, fieldErrors };
}

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
      key: `error.${error.code}`,
      ...(seconds !== undefined && { values: { minutes: Math.ceil(seconds / 60) } }),
    },
    ...(error.code === "password_needed" && { needsPassword: true }),
  };
}
