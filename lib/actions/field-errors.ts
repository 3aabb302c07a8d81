import type { z } from "zod";
import type { Message } from "@/lib/action-state";

/** Error messages by field name. */
export type FieldErrors = Readonly<Record<string, Message>>;

/** Validates a form in the browser before it is sent. */
export type FormCheck = (form: FormData) => Promise<FieldErrors>;

/** Returns a check with the action's schema. Zod has 30 kB, so the schema is loaded on first use. */
export const checkBy =
  (load: () => Promise<z.ZodType>): FormCheck =>
  async (form) => {
    const parsed = (await load()).safeParse(Object.fromEntries(form));
    return parsed.success ? {} : fieldErrorsOf(parsed.error);
  };

/** Returns the first error of each field, in the browser and on the server alike. */
export function fieldErrorsOf(error: z.ZodError): Record<string, Message> {
  const fieldErrors: Record<string, Message> = {};
  for (const issue of error.issues) {
    const field = String(issue.path[0] ?? "");
    // Messages of our schemas are keys; zod's default sentences are not shown to users.
    const key = /^[a-zA-Z]+$/.test(issue.message) ? issue.message : "invalid";
    fieldErrors[field] ??= { key: `validation.${key}` };
  }
  return fieldErrors;
}

/** Returns the text of a form field; empty if the field is missing or a file. */
export function textIn(form: FormData, field: string): string {
  const value = form.get(field);
  return typeof value === "string" ? value : "";
}
