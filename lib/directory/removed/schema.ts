import { z } from "zod";
import { cursorOf } from "@/lib/pagination/cursor";
import { departmentId, userId } from "../ids";
import type { Step } from "../reader/paths";

const removedAt = z
  .string()
  .regex(/^[1-9]\d{0,13}$/)
  .transform((milliseconds) => new Date(Number(milliseconds)));

const CURSOR = { department: cursorOf(removedAt, departmentId), member: cursorOf(removedAt, userId) };

export const removedQuery = z
  .object({
    object: z.enum(["department", "member"]).catch("department"),
    after: z.string().optional().catch(undefined),
  })
  .transform(({ object, after }) => {
    const { data: [at, id] = [] } = CURSOR[object].safeParse(after);
    return { object, after: at && id !== undefined ? { at, id } : undefined };
  });
export type RemovedQuery = z.output<typeof removedQuery>;

const isOn = z
  .literal("on")
  .optional()
  .transform((box) => box === "on");

export const removedInput = z.discriminatedUnion("object", [
  z.object({ object: z.literal("department"), app: z.string(), id: departmentId, withBelow: isOn }),
  z.object({ object: z.literal("member"), app: z.string(), id: userId, withBelow: isOn }),
]);

export type RemovedDetail = Step & {
  readonly removed: {
    readonly at: string;
    /** The end of the restore period; `null` when it is over. */
    readonly until: string | null;
    /** For a member: when everything but the id was erased. */
    readonly erasedAt: string | null;
    /** The paths from the root: a department's own, or those of a member's departments. */
    readonly paths: readonly (readonly Step[])[];
    readonly below: { readonly departments: number; readonly members: number };
  };
};
