/** A department of an organization; the root has id 1 and no parent. */
export type Department = {
  readonly id: number;
  /** Its place in the generation, from which its people are computed; null when it was added later. */
  readonly ordinal: number | null;
  parentId: number | null;
  name: string;
  /** Rank among siblings, often beyond 2^53. */
  order: bigint;
  /** By `order`, then id. */
  readonly childIds: number[];
  /** Wire fields that replace or extend the computed ones. */
  fields?: Readonly<Record<string, unknown>>;
};

/** That a person belongs to a department. */
export type Membership = {
  readonly deptId: number;
  readonly order: bigint;
  readonly isLeader: boolean;
  /** What they are called in it, where that differs from their title elsewhere. */
  readonly title?: string;
};

/** A person of an organization, in one department or several. */
export type Person = {
  readonly userid: string;
  readonly unionid: string;
  readonly name: string;
  readonly title: string;
  readonly mobile: string;
  readonly email: string;
  readonly telephone: string;
  readonly remark: string;
  readonly avatar: string;
  readonly jobNumber: string;
  readonly hiredAt: number;
  readonly isActive: boolean;
  readonly isAdmin: boolean;
  readonly isBoss: boolean;
  /** Left out of a list that is not asked for such people too (reference 5.1, `contain_access_limit`). */
  readonly isAccessLimited: boolean;
  readonly memberships: readonly Membership[];
  /** Ids ≤ 0, which DingTalk lists for people of education organizations (reference 4.7). */
  readonly negativeDeptIds: readonly number[];
  /** Wire fields that replace or extend the computed ones. */
  readonly fields: Readonly<Record<string, unknown>>;
};

/**
 * An organization's tree and people.
 *
 * Generated people are computed when asked for; only those who were added or changed are stored.
 */
export type Directory = {
  readonly seed: number;
  /** Departments below the root when it was generated. */
  readonly size: number;
  readonly departments: Map<number, Department>;
  /** Department ids by ordinal. */
  readonly idsByOrdinal: readonly number[];
  /** People added or changed since the generation. */
  readonly storedPeople: Map<string, Person>;
  /** The stored people of each department. */
  readonly storedMembers: Map<number, Set<string>>;
  /** Generated people who left. */
  readonly departed: Set<string>;
  nextDepartmentId: number;
  nextPersonNumber: number;
};

export const ROOT_ID = 1;
