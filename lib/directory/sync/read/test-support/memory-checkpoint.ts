import type { Department, DepartmentDetail } from "@/lib/dingtalk/departments";
import type { ListedMember, MemberDetail } from "@/lib/dingtalk/members";
import type { Checkpoint } from "../checkpoint";

type Pages = { readonly rows: Map<string, ListedMember>; nextCursor: string | null };

/** A checkpoint in memory. `kill` drops what was not flushed, like kill -9. */
export function memoryCheckpoint() {
  const lists = new Map<string, readonly Department[]>();
  const details = new Map<string, DepartmentDetail>();
  const pages = new Map<string, Pages>();
  const alone = new Map<string, MemberDetail>();
  let buffer: (() => void)[] = [];
  const write = () => {
    for (const each of buffer.splice(0)) each();
  };
  const checkpoint: Checkpoint = {
    load: async () => {
      const members = new Map([...pages].map(([id, { nextCursor }]) => [id, nextCursor]));
      const memberRows = [...pages.values()].reduce((sum, { rows }) => sum + rows.size, 0);
      const asLists = [...lists].map(([departmentId, children]) => ({ departmentId, children }));
      return {
        lists: asLists,
        details: [...details.values()],
        members,
        memberRows,
        people: listedIds().size,
      };
    },
    putList: async (departmentId, children) => void buffer.push(() => lists.set(departmentId, children)),
    putDetail: async (detail) => void buffer.push(() => details.set(detail.departmentId, detail)),
    putMembers: async (departmentId, page, nextCursor) => {
      buffer.push(() => {
        const known = pages.get(departmentId) ?? { rows: new Map(), nextCursor };
        for (const member of page) known.rows.set(member.userId, member);
        pages.set(departmentId, { rows: known.rows, nextCursor });
      });
    },
    putMember: async (member) => void buffer.push(() => alone.set(member.userId, member)),
    drop: async (ids) => {
      buffer.push(() => {
        for (const id of ids) for (const stored of [lists, details, pages]) stored.delete(id);
      });
    },
    findUnread: async (userIds) => {
      write();
      return userIds.filter((userId) => !isMet(userId));
    },
    findMissingMembers: async () => [],
    findConflictingMembers: async () => conflicting(),
    flush: async () => write(),
  };
  const rowsOf = (userId: string) =>
    [...pages].flatMap(([id, { rows }]) => {
      const row = rows.get(userId);
      return row ? [{ id, departmentIds: row.departmentIds }] : [];
    });
  const listedIds = () => new Set([...pages.values()].flatMap(({ rows }) => [...rows.keys()]));
  const isMet = (userId: string) => alone.has(userId) || rowsOf(userId).length > 0;
  const placesOf = (userId: string) => {
    const detail = alone.get(userId);
    const places = detail
      ? detail.places.map(({ departmentId }) => departmentId)
      : rowsOf(userId).map(({ id }) => id);
    return places.sort();
  };
  const conflicting = () =>
    [...listedIds()].filter((userId) => {
      const rows = rowsOf(userId);
      const listed = new Set(rows.map(({ id }) => id));
      return rows.some(({ departmentIds }) => {
        const told = departmentIds.filter((id) => pages.has(id));
        return told.length !== listed.size || told.some((id) => !listed.has(id));
      });
    });
  return {
    checkpoint,
    kill: () => {
      buffer = [];
    },
    isMet,
    /** Returns the places of each member: from a lookup if there was one, else from the lists. */
    places: () => {
      const ids = new Set([...alone.keys(), ...listedIds()]);
      return Object.fromEntries([...ids].sort().map((id) => [id, placesOf(id)]));
    },
  };
}

export type MemoryCheckpoint = ReturnType<typeof memoryCheckpoint>;
