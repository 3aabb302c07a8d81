import { z } from "zod";
import { searchText } from "../search/schema";
import { CHANGE_KINDS, type ChangeKind, type ChangeOutcome, type RemovalReason } from "./states";

export const CHANGED_OBJECTS = ["department", "member"] as const;

/** A change's number, as an address has it. */
const changeNumber = z
  .string()
  .regex(/^[1-9][0-9]{0,8}$/)
  .transform(Number)
  .optional()
  .catch(undefined);

/** Which changes a page shows; what makes no sense in an address is as if it weren't there. */
export const changesQuery = z.object({
  object: z.enum(CHANGED_OBJECTS).optional().catch(undefined),
  kind: z.enum(CHANGE_KINDS).optional().catch(undefined),
  /** A part of the name, before or after, or the id. */
  q: searchText.optional().catch(undefined),
  after: changeNumber,
  before: changeNumber,
});
export type ChangesQuery = z.infer<typeof changesQuery>;

/** What stood in a field; departments, and people, by the names on the way to each. */
export type ShownValue = string | boolean | null | { readonly paths: readonly (readonly string[])[] };

export type ShownField = {
  readonly field: string;
  /** The department in which it is so, of what a member is in one of theirs. */
  readonly department: string | null;
  readonly before: ShownValue;
  readonly after: ShownValue;
};

/** A change as a list has it. */
export type ShownChange = {
  /** Within its plan. */
  readonly number: number;
  readonly object: (typeof CHANGED_OBJECTS)[number];
  readonly id: string;
  readonly kind: ChangeKind;
  readonly reason: RemovalReason | null;
  readonly outcome: ChangeOutcome | null;
  readonly name: string;
  /** The names on the way to it; of a member to the first of their departments. */
  readonly path: readonly string[];
  readonly placeCount: number;
  readonly fields: readonly ShownField[];
};
