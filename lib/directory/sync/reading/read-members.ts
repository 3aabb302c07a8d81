import type { MemberPage } from "@/lib/dingtalk/members";
import { SyncFailure } from "../sync-failure";
import {
  countLeast,
  isGone,
  isMembersRefused,
  isNotPermitted,
  isOutOfScope,
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
    await checkpoint.putMembers(id, page.members, page.nextCursor);
    addRows(reading, page.members.length);
    cursor = page.nextCursor;
  }
}

const FIRST = "";

/** @throws {SyncFailure} beyond the limit */
function addRows(reading: Reading, count: number): void {
  const { membersMax } = reading.task;
  reading.memberRows += count;
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
