import type { ReadDirectory } from "../read/read-directory";

/** A complete walk that found nothing, and of the departments `gone` that they are; but for what a test says. */
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
