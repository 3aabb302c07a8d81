import type { z } from "zod";
import type { Message } from "@/lib/action-state";

/** What is wrong with each field, by its name. */
export type FieldErrors = Readonly<Record<string, Message>>;

/** Looks at a form before it is sent. */
export type FormCheck = (form: FormData) => Promise<FieldErrors>;

/** A check by the schema that the action uses, which is loaded on first use: zod is 30 kB. */
export const checkBy =
  (load: () => Promise<z.ZodType>): FormCheck =>
  async (form) => {
    const parsed = (await load()).safeParse(Object.fromEntries(form));
    return parsed.success ? {} : fieldErrorsOf(parsed.error);
  };

/** Says of each field the first thing that is wrong with it; in the browser and on the server alike. */
export function fieldErrorsOf(error: z.ZodError): Record<string, Message> {
  const fieldErrors: Record<string, Message> = {};
  for (const issue of error.issues) {
    const field = String(issue.path[0] ?? "");
    // A schema's own messages are keys; a sentence that zod made itself is not for people.
    const key = /^[a-zA-Z]+$/.test(issue.message) ? issue.message : "invalid";
    fieldErrors[field] ??= { key: `validation.${key}` };
  }
  return fieldErrors;
}

/** What a form holds in a field of text; empty without one. */
export function textIn(form: FormData, field: string): string {
  const value = form.get(field);
  return typeof value === "string" ? value : "";
}
