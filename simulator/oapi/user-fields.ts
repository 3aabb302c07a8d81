import type { Access } from "../gateway/check-access";
import { findManagerId, isDepartmentInScope } from "../organization/directory";
import type { Membership, Person } from "../organization/model";

/**
 * Formats a person as topapi v2 lists members of a department.
 *
 * @see docs/dingtalk/members.md#fields-in-lists
 */
export function toListedUser(call: Access, person: Person, membership: Membership) {
  return {
    ...commonFields(call, person),
    title: membership.title ?? person.title,
    dept_order: membership.order,
    leader: membership.isLeader,
    ...givenFields(call, person),
  };
}

/**
 * Formats a person as topapi v2 returns a single one.
 *
 * @see docs/dingtalk/members.md#get-a-member
 */
export function toUserDetail(call: Access, person: Person) {
  const { directory, corpId } = call.organization;
  const memberships = person.memberships.filter(({ deptId }) => isDeptIdShown(call, deptId));
  return {
    ...commonFields(call, person),
    manager_userid: findManagerId(directory, person) ?? undefined,
    dept_order_list: memberships.map(({ deptId, order }) => ({ dept_id: deptId, order })),
    leader_in_dept: memberships.map(({ deptId, isLeader }) => ({ dept_id: deptId, leader: isLeader })),
    role_list: person.isAdmin ? [{ id: 1, name: "主管理员", group_name: "默认" }] : [],
    real_authed: person.isActive,
    senior: person.isBoss,
    union_emp_ext: { userid: person.userid, corp_id: corpId, union_emp_map_list: [] },
    dept_position_list: memberships.map(({ deptId, title }) => ({
      dept_id: deptId,
      title: title ?? person.title,
    })),
    ...givenFields(call, person),
  };
}

function commonFields(call: Access, person: Person) {
  return {
    userid: person.userid,
    unionid: unionidFor(call, person),
    name: person.name,
    avatar: person.avatar,
    title: person.title,
    job_number: person.jobNumber,
    hide_mobile: false,
    dept_id_list: deptIdsOf(call, person),
    active: person.isActive,
    admin: person.isAdmin,
    boss: person.isBoss,
    exclusive_account: false,
    ...mobileFields(call, person),
    ...privateFields(call, person),
  };
}

/**
 * Returns the unionid, which depends on the developer of the app: the organization's own apps share one, and each third
 * party has another.
 */
const unionidFor = ({ app }: Access, { unionid }: Person): string =>
  app.kind === "isv" ? `${Buffer.from(`${app.appKey}.${unionid}`).toString("base64url")}iEiE` : unionid;

const mayShowMobile = ({ app }: Access): boolean =>
  app.kind === "internal" && app.permissions.includes("fieldMobile");
const mayShowPrivate = ({ app }: Access): boolean =>
  app.kind === "internal" && app.permissions.includes("fieldEmail");

/** Only for internal apps with the permission 企业员工手机号信息. */
function mobileFields(call: Access, person: Person) {
  return mayShowMobile(call) ? { state_code: "86", mobile: person.mobile } : {};
}

const orAbsent = (text: string): string | undefined => (text === "" ? undefined : text);

/** Only for internal apps with the permission 邮箱等个人信息. Absent when empty. */
function privateFields(call: Access, person: Person) {
  if (!mayShowPrivate(call)) return {};
  return {
    email: orAbsent(person.email),
    org_email: orAbsent(person.email),
    telephone: orAbsent(person.telephone),
    remark: orAbsent(person.remark),
    work_place: "未来科技城",
    extension: JSON.stringify({ 工位: person.jobNumber }),
    hired_date: person.hiredAt,
  };
}

const MOBILE_FIELDS: ReadonlySet<string> = new Set(["mobile", "state_code"]);
const PRIVATE_FIELDS: ReadonlySet<string> = new Set(
  "email org_email telephone remark work_place extension hired_date".split(" "),
);

/** Fields that a test set, with the same permissions for personal ones. */
function givenFields(call: Access, { fields }: Person): Record<string, unknown> {
  const isShown = (name: string) =>
    !(MOBILE_FIELDS.has(name) && !mayShowMobile(call)) &&
    !(PRIVATE_FIELDS.has(name) && !mayShowPrivate(call));
  return Object.fromEntries(Object.entries(fields).filter(([name]) => isShown(name)));
}

function deptIdsOf(call: Access, person: Person): number[] {
  const shown = person.memberships
    .map(({ deptId }) => deptId)
    .filter((deptId) => isDeptIdShown(call, deptId));
  return [...shown, ...person.negativeDeptIds];
}

/**
 * It is undocumented whether departments outside the app's scope are listed, so a setting decides.
 *
 * @see docs/dingtalk/open-questions.md
 */
const isDeptIdShown = ({ settings, organization, app }: Access, deptId: number): boolean =>
  settings.deptIdList === "all" || isDepartmentInScope(organization.directory, app.scope, deptId);

/**
 * Formats a person as version 1.0 returns them.
 *
 * @see docs/dingtalk/members.md#legacy-endpoints
 */
export function toLegacyUser(call: Access, person: Person) {
  const shown: Record<string, unknown> = { ...mobileFields(call, person), ...privateFields(call, person) };
  return {
    userid: person.userid,
    unionid: unionidFor(call, person),
    name: person.name,
    avatar: person.avatar,
    position: person.title,
    jobnumber: person.jobNumber,
    department: deptIdsOf(call, person),
    active: person.isActive,
    isAdmin: person.isAdmin,
    isBoss: person.isBoss,
    isHide: false,
    mobile: shown.mobile,
    stateCode: shown.state_code,
    email: shown.email,
    orgEmail: shown.org_email,
    workPlace: shown.work_place,
    hiredDate: shown.hired_date,
  };
}
