import { z } from "zod";
import { cursorNumber, cursorOfField } from "@/lib/pagination/cursor";
import { searchText } from "../search/schema";
import {
  CHANGE_KINDS,
  CHANGED_OBJECTS,
  type ChangedObject,
  type ChangeKind,
  type ChangeOutcome,
  type RemovalReason,
} from "./change-kinds";

const changeNumber = cursorOfField(cursorNumber).optional().catch(undefined);

/** The filters of the changes page. Invalid values are ignored, because they come from a URL. */
export const changesQuery = z.object({
  object: z.enum(CHANGED_OBJECTS).optional().catch(undefined),
  kind: z.enum(CHANGE_KINDS).optional().catch(undefined),
  /** Part of the name before or after the change, or the id. */
  q: searchText.optional().catch(undefined),
  after: changeNumber,
  before: changeNumber,
});
export type ChangesQuery = z.infer<typeof changesQuery>;

/** The value of a field. Departments and members are shown by their paths. */
export type ShownValue = string | boolean | null | { readonly paths: readonly (readonly string[])[] };

export type ShownField = {
  readonly field: string;
  readonly department: string | null;
  readonly before: ShownValue;
  readonly after: ShownValue;
};

export type ShownChange = {
  readonly number: number;
  readonly object: ChangedObject;
  readonly id: string;
  readonly kind: ChangeKind;
  readonly reason: RemovalReason | null;
  readonly outcome: ChangeOutcome | null;
  readonly name: string;
  /** The names from the root to the object; for a member, to their first department. */
  readonly path: readonly string[];
  readonly placeCount: number;
  readonly fields: readonly ShownField[];
};
