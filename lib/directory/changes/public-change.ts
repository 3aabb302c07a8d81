import type { JsonObject } from "@/lib/dingtalk/read-json";
import type { ChangedObject, ChangeKind, ChangeOutcome, RemovalReason } from "./change-kinds";

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

/** A stored change without the id of the member's personal values. */
export type PublicChange = StoredChange & {
  /** Personal values changed. Their content is only available on the member, with the permission to read it. */
  readonly isPersonalChanged: boolean;
};

export const storedColumns = (c: string): string => `${c}.number, ${c}.object::text AS object,
  ${c}.object_id AS "objectId", ${c}.kind, ${c}.reason, ${c}.before, ${c}.after, ${c}.outcome`;

function withoutPersonal(state: JsonObject | null): JsonObject | null {
  if (state === null) return null;
  const { personalId: _, ...visible } = state;
  return visible;
}

/** Removes the id of personal values, because equal values share one (S33). */
export function toPublicChange<Change extends StoredChange>(change: Change): Change & PublicChange {
  const { before, after } = change;
  const [old, present] = [before?.personalId ?? null, after?.personalId ?? null];
  return {
    ...change,
    before: withoutPersonal(before),
    after: withoutPersonal(after),
    isPersonalChanged: after !== null && old !== present,
  };
}
