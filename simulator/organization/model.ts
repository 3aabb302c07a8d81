/** A department. The root has id 1 and no parent. */
export type Department = {
  readonly id: number;
  /** Position in the generated tree, from which people are computed; null for departments added later. */
  readonly ordinal: number | null;
  parentId: number | null;
  name: string;
  /** Rank among siblings, often beyond 2^53. */
  order: bigint;
  /** By `order`, then by id. */
  readonly childIds: number[];
  /** Fields that replace or extend the computed ones in answers. */
  fields?: Readonly<Record<string, unknown>>;
};

/** A person's place in a department. */
export type Membership = {
  readonly deptId: number;
  readonly order: bigint;
  readonly isLeader: boolean;
  /** Title in this department, if it differs from the general title. */
  readonly title?: string;
};

/** A person in one or more departments. */
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
  /**
   * Excluded from lists unless `contain_access_limit` is set.
   *
   * @see docs/dingtalk/members.md#list-the-members-of-a-department
   */
  readonly isAccessLimited: boolean;
  readonly memberships: readonly Membership[];
  /**
   * Ids ≤ 0, which DingTalk lists for people of education organizations.
   *
   * @see docs/dingtalk/departments.md#special-department-ids
   */
  readonly negativeDeptIds: readonly number[];
  /** Fields that replace or extend the computed ones in answers. */
  readonly fields: Readonly<Record<string, unknown>>;
};

/**
 * Tree and people of an organization.
 *
 * Generated people are computed on demand. Only added or changed people are stored.
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
  /** Stored people of each department. */
  readonly storedMembers: Map<number, Set<string>>;
  /** Generated people who have left. */
  readonly departed: Set<string>;
  nextDepartmentId: number;
  nextPersonNumber: number;
};

export const ROOT_ID = 1;
