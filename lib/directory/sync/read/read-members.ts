import type { MemberPage } from "@/lib/dingtalk/members";
import { SyncFailure } from "../../runs/run-failures";
import {
  countLeast,
  isGone,
  isMemberGone,
  isMembersRefused,
  isNotPermitted,
  isOutOfScope,
  isRefused,
  noteRefusal,
  type Reading,
  requireSameScope,
  tellSeen,
} from "./reading";

/**
 * Reads the members of a department, page by page, into the checkpoint.
 *
 * @param settle what is to be done when DingTalk says that the department is not there any more
 * @throws {ScopeChanged} · {SyncFailure} beyond the limit · what a call or the checkpoint throws
 */
export async function readMembers(
  reading: Reading,
  id: string,
  settle: (id: string) => Promise<void>,
): Promise<void> {
  const { checkpoint } = reading.task;
  if (checkpoint === null || !reading.seen.has(id) || reading.membersBegun.has(id)) return;
  reading.membersBegun.add(id);
  const begin = reading.known.members.get(id);
  // `null` is for one of which an earlier worker has read all
  for (let cursor = begin === undefined ? FIRST : begin; cursor !== null; ) {
    const page = await readPage(reading, { id, cursor: cursor === FIRST ? null : cursor, settle });
    if (page === null) return;
    countLeast(reading, "listMembers");
    // Before the last page is put, so that whoever reads on after a kill does it again
    if (page.nextCursor === null && cursor !== FIRST) await findSkipped(reading, id, page);
    await checkpoint.putMembers(id, page.members, page.nextCursor);
    addRows(reading, id, page.members);
    cursor = page.nextCursor;
  }
}

const FIRST = "";

/**
 * Whoever leaves a department between two of its pages moves all that come after them up by one, and one of these is
 * on no page. Those of whom no list has told so far are looked up.
 */
async function findSkipped(reading: Reading, departmentId: string, last: MemberPage): Promise<void> {
  const { calls, task, stop } = reading;
  try {
    const told = new Set(await calls.listMemberIds(departmentId, stop.signal));
    countLeast(reading, "listMemberIds");
    for (const { userId } of last.members) told.delete(userId);
    const skipped = (await task.checkpoint?.unmet([...told])) ?? [];
    for (const userId of skipped) await readSkipped(reading, userId, departmentId);
  } catch (error) {
    // A department that is refused now is settled when something else is asked of it, or by the next run
    if (!isRefused(error) && !isMembersRefused(error) && !isNotPermitted(error)) throw error;
  }
}

async function readSkipped(reading: Reading, userId: string, departmentId: string): Promise<void> {
  try {
    const member = await reading.calls.getMember(userId, reading.stop.signal);
    countLeast(reading, "getMember");
    await reading.task.checkpoint?.putMember(member);
  } catch (error) {
    if (isNotPermitted(error)) {
      noteRefusal(reading, "members", error);
      reading.membersUnreadable.add(departmentId);
    } else if (!isMemberGone(error) && !isOutOfScope(error)) throw error;
  }
}

/** Counts somebody in only one of their departments, as the end of the run does, without remembering everybody. */
const isCountedIn = (departmentId: string, { departmentIds }: MemberPage["members"][number]): boolean =>
  departmentIds.every((id) => departmentId <= id);

/** @throws {SyncFailure} beyond the limit */
function addRows(reading: Reading, departmentId: string, members: MemberPage["members"]): void {
  const { membersMax } = reading.task;
  reading.memberRows += members.length;
  reading.people += members.filter((member) => isCountedIn(departmentId, member)).length;
  if (reading.memberRows > membersMax) throw new SyncFailure({ kind: "too_many_members", membersMax });
  tellSeen(reading);
}

type PageOf = {
  readonly id: string;
  readonly cursor: string | null;
  readonly settle: (id: string) => Promise<void>;
};

/** One page; `null` when there is none to be had, which was then taken down. A refusal gets a second chance. */
async function readPage(reading: Reading, { id, cursor, settle }: PageOf): Promise<MemberPage | null> {
  for (let tries = 1; ; tries += 1) {
    if (reading.membersNotPermitted) return null;
    try {
      return await reading.calls.listMembers(id, cursor, reading.stop.signal);
    } catch (error) {
      noteRefusal(reading, "members", error);
      if (isNotPermitted(error)) {
        // So is every other department
        reading.membersNotPermitted = true;
        return null;
      }
      if (isGone(error)) await settle(id);
      else if (isOutOfScope(error)) await requireSameScope(reading);
      else if (!isMembersRefused(error)) throw error;
      if (!reading.seen.has(id)) return null;
      // 60019 was repeated already, as any such call is
      if (tries > 1 || isMembersRefused(error)) {
        reading.membersUnreadable.add(id);
        return null;
      }
    }
  }
}
