import "server-only";
import type { ClientBase } from "pg";
import { expectManyRows } from "../bulk-rows";
import { dropUnkeptPersonal } from "../personal/storage-setting";
import { lockDirectory } from "../revision";
import { applyDepartments } from "./apply-departments";
import { applyMembers } from "./apply-members";
import {
  type ApplyContext,
  type ChangeSetRef,
  countPendingChanges,
  markApplied,
  skipStaleChanges,
} from "./change-set";
import { updateHeadCounts } from "./head-counts";
import { updateSearchIndex } from "./update-search-index";

export type Applied = {
  /** The directory's revision; unchanged when there was nothing to apply. */
  readonly revision: number;
  readonly isChanged: boolean;
  /** Changes that were skipped because their rows had changed since the set was planned. */
  readonly skipped: number;
};

/**
 * Applies a stored change set in the caller's transaction, under the directory's lock. Moves earlier states to the
 * history and skips rows that changed since the set was planned.
 */
export async function applyChanges(client: ClientBase, set: ChangeSetRef): Promise<Applied> {
  const before = await lockDirectory(client, set);
  const skipped = await skipStaleChanges(client, set, before);
  const changes = await countPendingChanges(client, set);
  if (changes === 0) return { revision: before, isChanged: false, skipped };
  await expectManyRows(client, changes);
  const context: ApplyContext = { client, set, revision: before + 1 };
  await applyDepartments(context);
  await applyMembers(context);
  await updateHeadCounts(context);
  await updateSearchIndex(context);
  await markApplied(context);
  await dropUnkeptPersonal(client, set);
  return { revision: context.revision, isChanged: true, skipped };
}
