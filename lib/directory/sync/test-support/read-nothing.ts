import type { ReadDirectory } from "../read/read-directory";

/** Returns the result of a complete read of an empty directory, with the given overrides. */
export const readNothing = (rest: Partial<ReadDirectory> = {}): ReadDirectory => ({
  departments: new Map(),
  gone: new Set(),
  outOfScope: new Set(),
  excluded: new Set(),
  unproven: new Set(),
  goneMembers: new Set(),
  outOfScopeMembers: new Set(),
  unprovenMembers: new Set(),
  incompleteFor: null,
  membersIncompleteFor: null,
  suspicion: null,
  scope: { departmentIds: ["1"], userIds: [] },
  strategy: "levels",
  leastCalls: {},
  ...rest,
});
