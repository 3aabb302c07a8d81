import type { z } from "zod";
import type { Message } from "@/lib/action-state";

export type FieldErrors = Readonly<Record<string, Message>>;

export type FormCheck = (form: FormData) => Promise<FieldErrors>;

/** Validates a form in the browser with the action's schema, loaded on first use because zod has 30 kB. */
export const checkBy =
  (load: () => Promise<z.ZodType>): FormCheck =>
  async (form) => {
    const parsed = (await load()).safeParse(Object.fromEntries(form));
    return parsed.success ? {} : fieldErrorsOf(parsed.error);
  };

export function fieldErrorsOf(error: z.ZodError): Record<string, Message> {
  const fieldErrors: Record<string, Message> = {};
  for (const issue of error.issues) {
    const field = String(issue.path[0] ?? "");
    // Our schemas use keys as messages. Zod's own sentences are not shown.
    const key = /^[a-zA-Z]+$/.test(issue.message) ? issue.message : "invalid";
    fieldErrors[field] ??= { key: `validation.${key}` };
  }
  return fieldErrors;
}

export function textIn(form: FormData, field: string): string {
  const value = form.get(field);
  return typeof value === "string" ? value : "";
}
