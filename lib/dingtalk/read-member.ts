import { err, ok, type Result } from "@/lib/result";
import { PERSONAL_FIELDS, type PersonalValues, personalOf } from "./personal-fields";
import { flagOf, idOf, listOf, objectOf, positiveIdOf, textOf, withDocumentedKeys } from "./read-fields";
import { type JsonObject, type JsonValue, parseJson } from "./read-json";

export type Member = {
  readonly userId: string;
  /** Equal in all apps of one developer account; different in another account's apps. */
  readonly unionId: string | null;
  readonly name: string;
  readonly title: string | null;
  readonly jobNumber: string | null;
  readonly isActive: boolean | null;
  readonly isAdmin: boolean | null;
  readonly isBoss: boolean | null;
  readonly isExclusive: boolean | null;
  readonly hidesMobile: boolean | null;
  /** Decimal text above 0. Departments outside the app's contact scope may be included. */
  readonly departmentIds: readonly string[];
  /** Empty without `keepsPersonal`. Absent and empty values are left out. */
  readonly personal: PersonalValues;
  /** Names of undocumented fields. */
  readonly otherFields: readonly string[];
};

export type ListedMember = Member & {
  readonly isLeader: boolean | null;
  /** Decimal text; it can exceed 2^53. */
  readonly order: string | null;
};

export type MemberPlace = {
  readonly departmentId: string;
  readonly isLeader: boolean | null;
  readonly order: string | null;
};

export type MemberDetail = Member & {
  readonly managerUserId: string | null;
  readonly places: readonly MemberPlace[];
};

/** Not all of these are read, but none counts as undocumented. */
const DOCUMENTED: readonly string[] = [
  ...PERSONAL_FIELDS,
  ...`userid unionid name title job_number active admin boss leader exclusive_account exclusive_account_type
  login_id hide_mobile dept_id_list dept_order dept_order_list leader_in_dept manager_userid role_list real_authed
  senior union_emp_ext dept_position_list extension_i18n`.split(/\s+/),
];
const IS_DOCUMENTED: ReadonlySet<string> = new Set(DOCUMENTED);

/** The error is the name of the missing field, never a value, which may be personal. */
export function toListedMember(object: JsonObject, keepsPersonal: boolean): Result<ListedMember, string> {
  const fields = withDocumentedKeys(object, DOCUMENTED);
  const member = toMember(fields, keepsPersonal);
  if (!member.ok) return member;
  return ok({ ...member.value, isLeader: flagOf(fields.leader), order: idOf(fields.dept_order) });
}

export function toMemberDetail(object: JsonObject, keepsPersonal: boolean): Result<MemberDetail, string> {
  const fields = withDocumentedKeys(object, DOCUMENTED);
  const member = toMember(fields, keepsPersonal);
  if (!member.ok) return member;
  const leads = byDepartment(fields.leader_in_dept, "leader");
  const orders = byDepartment(fields.dept_order_list, "order");
  return ok({
    ...member.value,
    managerUserId: textOf(fields.manager_userid),
    places: member.value.departmentIds.map((departmentId) => ({
      departmentId,
      isLeader: flagOf(leads.get(departmentId)),
      order: idOf(orders.get(departmentId)),
    })),
  });
}

function toMember(fields: JsonObject, keepsPersonal: boolean): Result<Member, string> {
  const userId = textOf(fields.userid);
  if (userId === null) return err("userid");
  const { name } = fields;
  if (typeof name !== "string") return err("name");
  const departmentIds = positiveIdsOf(fields.dept_id_list);
  if (departmentIds === null) return err("dept_id_list");
  return ok({
    userId,
    unionId: textOf(fields.unionid),
    name,
    title: textOf(fields.title),
    jobNumber: textOf(fields.job_number),
    isActive: flagOf(fields.active),
    isAdmin: flagOf(fields.admin),
    isBoss: flagOf(fields.boss),
    isExclusive: flagOf(fields.exclusive_account),
    hidesMobile: flagOf(fields.hide_mobile),
    departmentIds,
    personal: keepsPersonal ? personalOf(fields) : {},
    otherFields: Object.keys(fields)
      .filter((name) => !IS_DOCUMENTED.has(name))
      .sort(),
  });
}

/** Returns the distinct ids above 0; `null` if any entry is not an id, because leaving it out would move the member. */
function positiveIdsOf(value: JsonValue | undefined): string[] | null {
  const ids = listOf(unquoted(value)) ?? [];
  if (ids.some((id) => idOf(id) === null)) return null;
  return [...new Set(ids.map(positiveIdOf))].filter((id) => id !== null);
}

/** Parses a list such as `"[2,3]"`. */
function unquoted(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value !== "string" || !value.trim().startsWith("[")) return value;
  const parsed = parseJson(value);
  return parsed.ok ? parsed.value : value;
}

/** Reads a list such as `[{"dept_id":2,"order":1}]` as a map from department to `name`. */
function byDepartment(
  value: JsonValue | undefined,
  name: string,
): ReadonlyMap<string, JsonValue | undefined> {
  const found = new Map<string, JsonValue | undefined>();
  for (const row of listOf(unquoted(value)) ?? []) {
    const fields = withDocumentedKeys(objectOf(row) ?? {}, ["dept_id", name]);
    const departmentId = positiveIdOf(fields.dept_id);
    if (departmentId !== null) found.set(departmentId, fields[name]);
  }
  return found;
}
