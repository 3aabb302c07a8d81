import { err, ok, type Result } from "@/lib/result";
import { call, type DingtalkCaller } from "./call";
import type { Dingtalk } from "./client";
import { checkedDepartmentId } from "./department-id";
import {
  fieldOf,
  flagOf,
  idOf,
  listOf,
  objectOf,
  positiveIdOf,
  readResult,
  textOf,
  textsOf,
  toIds,
  withDocumentedKeys,
} from "./read-fields";
import type { JsonObject, JsonValue } from "./read-json";

export type Department = {
  /** Decimal text above 0. */
  readonly departmentId: string;
  readonly parentId: string | null;
  readonly name: string;
  /** Position among the siblings, decimal text; it can exceed 2^53. Always `null` from `listSubDepartments`. */
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  readonly isFromUnionOrg: boolean | null;
  /** Other fields that lists have as well, and undocumented fields, under DingTalk's names. */
  readonly extra: Readonly<Record<string, JsonValue>>;
};

export type DepartmentDetail = Department & {
  readonly managerUserIds: readonly string[];
  readonly ownerUserId: string | null;
  readonly details: Readonly<Record<string, JsonValue>>;
};

export type DepartmentRequest = {
  readonly departmentId: string;
  readonly language?: "zh_CN" | "en_US";
  readonly signal?: AbortSignal;
};

export type DepartmentTreeRequest = {
  readonly departmentId?: string;
  /** Includes all levels below, not only the next one. Not allowed for third-party apps. */
  readonly isRecursive: boolean;
  readonly signal?: AbortSignal;
};

type ChildIdsRequest = Omit<DepartmentRequest, "language">;

/** DingTalk's field names, which differ between its older and its newer API. */
type Spelling = Record<"id" | "parentId" | "name" | "order" | "source" | "union", string>;

/** Other documented fields that both lists and `department/get` have; they stay in `extra`. */
const DOCUMENTED_IN_EXTRA =
  "create_dept_group auto_add_user tags ext extention createDeptGroup autoAddUser".split(" ");
const MANAGERS = "dept_manager_userid_list";
const OWNER = "org_dept_owner";
/** Fields of `department/get` only. They are not in `extra`, so that a department is equal from every API. */
const DETAIL_FIELDS: readonly string[] = `${MANAGERS} ${OWNER} auto_approve_apply dept_group_chat_id
  group_contain_sub_dept outer_dept outer_permit_depts outer_permit_users outer_dept_only_self hide_dept dept_permits
  user_permits brief telephone code union_dept_ext`.split(/\s+/);
const UNUSED_COUNTS = ["member_count", "owning_member_count"];
const NOT_IN_EXTRA: ReadonlySet<string> = new Set([...DETAIL_FIELDS, ...UNUSED_COUNTS]);

type Shape = {
  readonly spelling: Spelling;
  readonly ours: ReadonlySet<string>;
  readonly documented: string[];
};

function shapeOf(spelling: Spelling): Shape {
  const ours = Object.values(spelling);
  return { spelling, ours: new Set(ours), documented: [...ours, ...DOCUMENTED_IN_EXTRA, ...NOT_IN_EXTRA] };
}

const V2 = shapeOf({
  id: "dept_id",
  parentId: "parent_id",
  name: "name",
  order: "order",
  source: "source_identifier",
  union: "from_union_org",
});

const LEGACY = shapeOf({
  id: "id",
  parentId: "parentid",
  name: "name",
  order: "order",
  source: "sourceIdentifier",
  union: "isFromUnionOrg",
});

/**
 * Lists the direct children of a department. The API has no pages.
 *
 * An answer in which any department lacks its id or name is refused as a whole, because a missing department would
 * look like a deletion. Departments with an id of 0 or below (of schools) are left out.
 *
 * @throws {DingtalkError} `department_out_of_scope`, `department_gone`, `missing_permission`
 * @see docs/dingtalk/departments.md#list-child-departments
 * @see docs/dingtalk/departments.md#special-department-ids
 */
export async function listSubDepartments(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { departmentId, language, signal }: DepartmentRequest,
): Promise<Department[]> {
  return call(
    dingtalk,
    {
      host: "oapi",
      api: "topapi/v2/department/listsub",
      method: "POST",
      ...caller,
      body: departmentBody(departmentId, language),
      read: (answer) => toDepartments(fieldOf(answer, "result"), "result", V2),
    },
    signal,
  );
}

/**
 * Reads one department with the fields that lists lack: order, managers and owner.
 *
 * @throws {DingtalkError} `department_out_of_scope`, `department_gone`, `missing_permission`
 * @see docs/dingtalk/departments.md#get-a-department
 */
export async function getDepartment(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { departmentId, language, signal }: DepartmentRequest,
): Promise<DepartmentDetail> {
  return call(
    dingtalk,
    {
      host: "oapi",
      api: "topapi/v2/department/get",
      method: "POST",
      ...caller,
      body: departmentBody(departmentId, language),
      read: (answer) => toDetail(fieldOf(answer, "result")),
    },
    signal,
  );
}

/**
 * Lists the ids of a department's direct children. The list ignores the app's contact scope, so it contains departments
 * that the app can't read. Ids of 0 and below are left out.
 *
 * @see docs/dingtalk/departments.md#list-child-department-ids
 */
export async function listSubDepartmentIds(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { departmentId, signal }: ChildIdsRequest,
): Promise<string[]> {
  const ids = await call(
    dingtalk,
    {
      host: "oapi",
      api: "topapi/v2/department/listsubid",
      method: "POST",
      ...caller,
      body: departmentBody(departmentId),
      read: (answer) => readResult(answer, (result) => toIds(result, "dept_id_list", idOf)),
    },
    signal,
  );
  return ids.filter((id) => positiveIdOf(id) !== null);
}

/**
 * Lists the departments below one with the older API. New apps can't get its permission. The requested department
 * is in some answers and not in others.
 *
 * @throws {DingtalkError} `too_large` for a tree of more than 100,000 values or 10 MB
 * @see docs/dingtalk/departments.md#get-departmentlist-legacy
 */
export async function listDepartmentsLegacy(
  dingtalk: Dingtalk,
  caller: DingtalkCaller,
  { departmentId, isRecursive, signal }: DepartmentTreeRequest,
): Promise<Department[]> {
  const id = departmentId === undefined ? {} : { id: checkedDepartmentId(departmentId) };
  return call(
    dingtalk,
    {
      host: "oapi",
      api: "department/list",
      method: "GET",
      ...caller,
      query: { ...id, fetch_child: String(isRecursive) },
      read: (answer) => toDepartments(fieldOf(answer, "department"), "department", LEGACY),
    },
    signal,
  );
}

/** Writes the JSON by hand, because `JSON.stringify` can't write an id beyond 2^53 as a number. */
function departmentBody(departmentId: string, language?: string): string {
  const languageField = language === undefined ? "" : `,"language":${JSON.stringify(language)}`;
  return `{"dept_id":${checkedDepartmentId(departmentId)}${languageField}}`;
}

function toDepartments(
  value: JsonValue | undefined,
  path: string,
  shape: Shape,
): Result<Department[], string> {
  const items = listOf(value);
  if (items === null) return err(path);
  const departments: Department[] = [];
  for (const [index, item] of items.entries()) {
    const object = objectOf(item);
    if (object === null) return err(`${path}.${index}`);
    const department = toDepartment(object, shape);
    if (!department.ok) return err(`${path}.${index}.${department.error}`);
    if (department.value !== null) departments.push(department.value);
  }
  return ok(departments);
}

function toDepartment(object: JsonObject, shape: Shape): Result<Department | null, string> {
  const { spelling, ours, documented } = shape;
  const fields = withDocumentedKeys(object, documented);
  const name = fields[spelling.name];
  if (idOf(fields[spelling.id]) === null) return err(spelling.id);
  if (typeof name !== "string") return err(spelling.name);
  const departmentId = positiveIdOf(fields[spelling.id]);
  if (departmentId === null) return ok(null);

  const extra: JsonObject = Object.create(null);
  for (const [key, value] of Object.entries(fields)) {
    if (!ours.has(key) && !NOT_IN_EXTRA.has(key)) extra[key] = value;
  }
  return ok({
    departmentId,
    parentId: positiveIdOf(fields[spelling.parentId]),
    name,
    order: textOf(fields[spelling.order]),
    sourceIdentifier: textOf(fields[spelling.source]),
    isFromUnionOrg: flagOf(fields[spelling.union]),
    extra,
  });
}

function toDetail(value: JsonValue | undefined): Result<DepartmentDetail, string> {
  // Some samples have a list with one object
  const object = objectOf(Array.isArray(value) ? value[0] : value);
  if (object === null) return err("result");
  const department = toDepartment(object, V2);
  if (!department.ok) return err(`result.${department.error}`);
  if (department.value === null) return err(`result.${V2.spelling.id}`);
  const fields = withDocumentedKeys(object, DETAIL_FIELDS);
  return ok({
    ...department.value,
    managerUserIds: textsOf(fields[MANAGERS]),
    ownerUserId: textOf(fields[OWNER]),
    details: Object.fromEntries(Object.entries(fields).filter(([key]) => DETAIL_FIELDS.includes(key))),
  });
}
