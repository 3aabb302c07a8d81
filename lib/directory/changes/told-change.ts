import type { JsonObject } from "@/lib/dingtalk/read-json";
import type { ChangedObject, ChangeKind, ChangeOutcome, RemovalReason } from "./states";

/** A stored change, as its row has it. */
export type StoredChange = {
  readonly number: number;
  readonly object: ChangedObject;
  readonly objectId: string;
  readonly kind: ChangeKind;
  readonly reason: RemovalReason | null;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  readonly outcome: ChangeOutcome | null;
};

/** What of it whoever reads is told. */
export type ToldChange = StoredChange & {
  /** What is personal became something else; what, only who may read it finds out, at the member. */
  readonly isPersonalChanged: boolean;
};

/** What `storedColumns` of a row are called. */
export const storedColumns = (c: string): string => `${c}.number, ${c}.object::text AS object,
  ${c}.object_id AS "objectId", ${c}.kind, ${c}.reason, ${c}.before, ${c}.after, ${c}.outcome`;

function withoutPersonal(state: JsonObject | null): JsonObject | null {
  if (state === null) return null;
  const { personalId: _, ...told } = state;
  return told;
}

/** The id of what is personal never leaves: equal values have equal ones (S33). */
export function toTold<Change extends StoredChange>(change: Change): Change & ToldChange {
  const { before, after } = change;
  const [old, present] = [before?.personalId ?? null, after?.personalId ?? null];
  return {
    ...change,
    before: withoutPersonal(before),
    after: withoutPersonal(after),
    isPersonalChanged: after !== null && old !== present,
  };
}
