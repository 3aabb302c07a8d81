import { SyncFailure } from "../sync-failure";
import type { ReadDirectory } from "./read-directory";

/**
 * A suspicious reading as a sync takes it that has nobody to ask: what cannot be meant is a failure, and what may
 * be is not complete, so that nothing is removed.
 *
 * @throws {SyncFailure}
 */
export function withoutGuard(read: ReadDirectory): ReadDirectory {
  const { suspicion, incompleteFor } = read;
  if (suspicion === null) return read;
  if (suspicion.kind === "answer_empty" || suspicion.kind === "scope_empty") throw new SyncFailure(suspicion);
  const reason =
    suspicion.kind === "scope_shrank"
      ? { kind: suspicion.kind, count: suspicion.departments }
      : ({ kind: "too_many_missing", departments: suspicion.departments } as const);
  return { ...read, gone: new Set(), goneMembers: new Set(), incompleteFor: incompleteFor ?? reason };
}
