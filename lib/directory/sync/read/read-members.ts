import type { MemberPage } from "@/lib/dingtalk/members";
import {
  isGone,
  isMemberGone,
  isMembersRefused,
  isNotPermitted,
  isOutOfScope,
  isRefused,
} from "./directory-calls";
import { type ReadState, reportProgress, requireSameScope } from "./read-state";
import { resolveRefusal } from "./walk-departments";

const FIRST = "";

/**
 * Reads the members of a department page by page into the checkpoint.
 *
 * @throws {ScopeChanged} · {SyncFailure} beyond the limit · what a call or the checkpoint throws
 * @see docs/dingtalk/members.md#list-the-members-of-a-department
 */
export async function readMembers(state: ReadState, id: string): Promise<void> {
  const { members, task, tree, stats } = state;
  const { checkpoint } = task;
  if (checkpoint === null || !tree.has(id) || members.begun.has(id)) return;
  members.begun.add(id);
  const saved = state.saved.members.get(id);
  // A saved cursor of `null` means that an earlier worker has read all pages
  for (let cursor = saved === undefined ? FIRST : saved; cursor !== null; ) {
    const page = await readPage(state, id, cursor === FIRST ? null : cursor);
    if (page === null) return;
    stats.countCall("listMembers");
    // Before the last page is stored, so that a resumed run checks again
    if (page.nextCursor === null && cursor !== FIRST) await readSkippedMembers(state, id, page);
    await checkpoint.putMembers(id, page.members, page.nextCursor);
    members.add(id, page.members);
    reportProgress(state);
    cursor = page.nextCursor;
  }
}

/**
 * Reads the members who are on no page: a member who leaves between two pages moves the later ones up by one.
 * @see docs/dingtalk/members.md#pages
 */
async function readSkippedMembers(state: ReadState, departmentId: string, last: MemberPage): Promise<void> {
  const { calls, task, stop, stats } = state;
  try {
    const listed = new Set(await calls.listMemberIds(departmentId, stop.signal));
    stats.countCall("listMemberIds");
    for (const { userId } of last.members) listed.delete(userId);
    const skipped = (await task.checkpoint?.findUnread([...listed])) ?? [];
    for (const userId of skipped) await readSkipped(state, userId, departmentId);
  } catch (error) {
    // Another call to the department, or the next run, resolves the refusal
    if (!isRefused(error) && !isMembersRefused(error) && !isNotPermitted(error)) throw error;
  }
}

async function readSkipped(state: ReadState, userId: string, departmentId: string): Promise<void> {
  try {
    await readMember(state, userId);
  } catch (error) {
    if (isNotPermitted(error)) {
      state.refusals.record("members", error);
      state.members.unreadable.add(departmentId);
    } else if (!isMemberGone(error) && !isOutOfScope(error)) throw error;
  }
}

async function readMember(state: ReadState, userId: string): Promise<void> {
  const member = await state.calls.getMember(userId, state.stop.signal);
  state.stats.countCall("getMember");
  await state.task.checkpoint?.putMember(member);
}

/** Returns one page, after a second try if refused; `null` when there is none. */
async function readPage(state: ReadState, id: string, cursor: string | null): Promise<MemberPage | null> {
  const { members, refusals } = state;
  for (let tries = 1; ; tries += 1) {
    if (members.notPermitted) return null;
    try {
      return await state.calls.listMembers(id, cursor, state.stop.signal);
    } catch (error) {
      refusals.record("members", error);
      if (isNotPermitted(error)) {
        // The permission is the app's, so every other department would be refused too
        members.notPermitted = true;
        return null;
      }
      if (isGone(error)) await resolveRefusal(state, id);
      else if (isOutOfScope(error)) await requireSameScope(state);
      else if (!isMembersRefused(error)) throw error;
      if (!state.tree.has(id)) return null;
      // The client has repeated 60019 already
      if (tries > 1 || isMembersRefused(error)) {
        members.unreadable.add(id);
        return null;
      }
    }
  }
}

export type MissingMembers = {
  readonly gone: Set<string>;
  readonly outOfScope: Set<string>;
  /** Not looked up: they are too many, or the app lacks the permission. */
  readonly unproven: Set<string>;
  found: number;
  notPermitted: boolean;
};

export const noMissingMembers = (): MissingMembers => ({
  gone: new Set(),
  outOfScope: new Set(),
  unproven: new Set(),
  found: 0,
  notPermitted: false,
});

/**
 * Reads the single people of the app's scope who are in no list.
 *
 * @throws what a call or the checkpoint throws
 * @see docs/dingtalk/permissions-and-scopes.md#contact-scope
 */
export async function readIndividuals(state: ReadState, missing: MissingMembers): Promise<void> {
  const { scope, task } = state;
  // Chosen departments exclude everyone outside of them
  if (task.checkpoint === null || task.include.length > 0 || scope.userIds.length === 0) return;
  await lookUpAll(state, await task.checkpoint.findUnread([...new Set(scope.userIds)]), missing);
  // They may not be stored members, so nobody is to be removed
  missing.gone.clear();
}

/** Reads members again whom two lists place differently. Members who can't be looked up stay as listed. */
export async function rereadMembers(
  state: ReadState,
  userIds: readonly string[],
  { gone }: MissingMembers,
): Promise<void> {
  const again = noMissingMembers();
  await lookUpAll(state, userIds, again);
  for (const id of again.gone) gone.add(id);
}

/** Default limit of lookups: some minutes at DingTalk's rate. More missing rows always need a person's look. */
export const LOOK_UPS_MAX = 2_000;

/** Looks up stored members who are in no list: one who was moved during the read is in none and is not gone. */
export async function lookUpMembers(
  state: ReadState,
  userIds: readonly string[],
  missing: MissingMembers,
): Promise<void> {
  if (userIds.length > (state.task.lookUpsMax ?? LOOK_UPS_MAX)) {
    for (const id of userIds) missing.unproven.add(id);
  } else await lookUpAll(state, userIds, missing);
}

async function lookUpAll(state: ReadState, userIds: readonly string[], missing: MissingMembers) {
  await state.queues.each("getMember", userIds, async (userId) => {
    if (missing.notPermitted) missing.unproven.add(userId);
    else await lookUp(state, userId, missing);
  });
}

async function lookUp(state: ReadState, userId: string, missing: MissingMembers): Promise<void> {
  try {
    await readMember(state, userId);
    missing.found += 1;
  } catch (error) {
    if (isMemberGone(error)) missing.gone.add(userId);
    else if (isOutOfScope(error)) missing.outOfScope.add(userId);
    else if (isNotPermitted(error)) {
      missing.notPermitted = true;
      missing.unproven.add(userId);
    } else throw error;
  }
}
