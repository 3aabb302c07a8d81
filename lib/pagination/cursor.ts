import { z } from "zod";

const CHARACTERS_MAX = 1_000;
const INT4_MAX = 2 ** 31 - 1;

/** Encodes a position in a list as an opaque cursor. Only the last field may contain a dot. */
export const encodeCursor = (...position: readonly (string | number)[]): string =>
  Buffer.from(position.join(".")).toString("base64url");

/** Encodes the position after which the next page begins; `null` on the last page. */
export const nextCursor = (position: string | number | null): string | null =>
  position === null ? null : encodeCursor(position);

export const cursorNumber = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,9})$/)
  .transform(Number)
  .refine((number) => number <= INT4_MAX);

/** Defines the cursor of a list by the fields of its positions. Accepts exactly what `encodeCursor` returns for them. */
export function cursorOf<const Fields extends readonly [z.ZodType, ...z.ZodType[]]>(...fields: Fields) {
  const position = z.tuple(fields);
  return z
    .string()
    .max(CHARACTERS_MAX)
    .transform((text, context) => {
      const parts = Buffer.from(text, "base64url").toString().split(".");
      const values = [...parts.slice(0, fields.length - 1), parts.slice(fields.length - 1).join(".")];
      const parsed = position.safeParse(values);
      if (parsed.success && encodeCursor(...values) === text) return parsed.data;
      context.addIssue({ code: "custom", message: "is not a cursor of this list" });
      return z.NEVER;
    });
}

export const cursorOfField = <Field extends z.ZodType>(field: Field) =>
  cursorOf(field).transform(([value]) => value as z.output<Field>);
