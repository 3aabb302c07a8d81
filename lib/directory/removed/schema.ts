import { z } from "zod";
import { departmentId, userId } from "../ids";
import type { Step } from "../reader/paths";

/** The moment and the id of the last of a page, as an address has them: `1732773600000~90517234`. */
const place = z
  .string()
  .regex(/^\d{1,14}~/)
  .transform((text) => {
    const end = text.indexOf("~");
    return { at: new Date(Number(text.slice(0, end))), id: text.slice(end + 1) };
  });

const listed = z.discriminatedUnion("object", [
  z.object({
    object: z.literal("department"),
    after: place.refine(({ id }) => departmentId.safeParse(id).success),
  }),
  z.object({ object: z.literal("member"), after: place.refine(({ id }) => userId.safeParse(id).success) }),
]);

/** Which removed ones a page lists; what makes no sense in an address is as if it weren't there. */
export const removedQuery = z
  .object({
    object: z.enum(["department", "member"]).catch("department"),
    after: z.string().optional().catch(undefined),
  })
  .transform(({ object, after }) => {
    const asked = listed.safeParse({ object, after });
    return { object, after: asked.success ? asked.data.after : undefined };
  });
export type RemovedQuery = z.output<typeof removedQuery>;

const isOn = z
  .literal("on")
  .optional()
  .transform((box) => box === "on");

/** What an action is about: a department or a member of an app, and of a department whether what is below it is meant too. */
export const removedInput = z.discriminatedUnion("object", [
  z.object({ object: z.literal("department"), app: z.string(), id: departmentId, withBelow: isOn }),
  z.object({ object: z.literal("member"), app: z.string(), id: userId, withBelow: isOn }),
]);

/** What the panel shows of what is not there any more. */
export type RemovedDetail = Step & {
  readonly removed: {
    readonly at: string;
    /** It can be restored until then; `null`: not any more. */
    readonly until: string | null;
    /** Of a member: since when nothing else is known of them. */
    readonly erasedAt: string | null;
    /** Where it stood, from the root down: a department with itself, a member with each of their departments. */
    readonly paths: readonly (readonly Step[])[];
    /** What comes back with a department, if that is wanted. */
    readonly below: { readonly departments: number; readonly members: number };
  };
};
