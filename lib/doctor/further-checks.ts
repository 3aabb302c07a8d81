import "server-only";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { getDepartment, listDepartmentsLegacy, listSubDepartments } from "@/lib/dingtalk/departments";
import { countMembers, getMember, listMembers, type MemberDetail } from "@/lib/dingtalk/members";
import { firstDepartmentOf } from "@/lib/dingtalk-apps/test-connection";
import { clockSkew } from "@/lib/health/clock";
import type { AppKind } from "@/prisma/generated/enums";
import {
  absent,
  FIELDS,
  failed,
  NOBODY,
  notRun,
  ofClock,
  ofField,
  ofHeadcount,
  ofPermission,
  ofWholeTree,
  passed,
} from "./findings";
import { asked, type Ground } from "./basic-checks";
import type { DoctorCheckName } from "./schema";

export type Checkup = Ground & {
  readonly dingtalk: Dingtalk;
  readonly kind: AppKind;
  readonly keepsPersonal: boolean;
  /** How many people we hold; `null` before the first complete sync. */
  readonly held: number | null;
  /** Whether a check is asked for, or everything is. */
  readonly wants: (...names: DoctorCheckName[]) => boolean;
};

/** One that may ask. */
type Asking = Checkup & { readonly caller: DingtalkCaller };

/** Makes each call once that is wanted and wasn't made yet, and notes what it says. */
export async function checkFurther(checkup: Checkup): Promise<void> {
  const { findings, caller, wants } = checkup;
  if (caller !== null) {
    const asking = { ...checkup, caller };
    await Promise.all([checkDirectory(asking), checkHeadcount(asking), checkWholeTree(asking)]);
  }
  if (wants("events")) findings.set("events", absent());
  if (wants("clock")) findings.set("clock", ofClock(clockSkew().skewMs));
}

async function checkDirectory(asking: Asking): Promise<void> {
  const { dingtalk, caller, findings, scopes, wants } = asking;
  const root = { departmentId: firstDepartmentOf(scopes) };
  if (asking.children === null && wants("departments")) {
    const listed = await asked(listSubDepartments(dingtalk, caller, root));
    findings.set("departments", listed.ok ? passed({ n: listed.value.length }) : ofPermission(listed.error));
  }
  if (wants("department")) {
    const got = await asked(getDepartment(dingtalk, caller, root));
    findings.set("department", ofPermission(got.ok ? null : got.error));
  }
  if (wants("members", "member", "mobile", "email")) await checkPeople(asking);
}

async function checkPeople(asking: Asking): Promise<void> {
  const { dingtalk, caller, findings, scopes, kind, keepsPersonal: isWanted } = asking;
  const userId = await findSomebody(asking);
  let member: MemberDetail | null = null;
  if (userId === null) {
    findings.set("member", notRun(NOBODY));
  } else {
    // Looked at here, and kept nowhere
    const got = await asked(getMember(dingtalk, caller, { userId, keepsPersonal: true }));
    if (got.ok) member = got.value;
    findings.set("member", ofPermission(got.ok ? null : got.error));
  }
  const context = { member, hasPerson: userId !== null, scopes, kind, isWanted };
  findings.set("mobile", ofField(FIELDS.mobile, context));
  findings.set("email", ofField(FIELDS.email, context));
}

/** Somebody of the first root, or who is authorized alone, or of the first department below the root. */
async function findSomebody(asking: Asking): Promise<string | null> {
  const { dingtalk, caller, findings, scopes, children } = asking;
  const firstOf = (departmentId: string) =>
    asked(listMembers(dingtalk, caller, { departmentId, size: 1, keepsPersonal: false }));
  const page = await firstOf(firstDepartmentOf(scopes));
  findings.set("members", ofPermission(page.ok ? null : page.error));
  const known = (page.ok ? page.value.members[0]?.userId : null) ?? scopes?.userIds[0];
  if (known) return known;
  const below = children?.[0];
  if (!page.ok || !below) return null;
  const next = await firstOf(below.departmentId);
  return next.ok ? (next.value.members[0]?.userId ?? null) : null;
}

async function checkHeadcount({ dingtalk, caller, findings, held, scopes, wants }: Asking): Promise<void> {
  if (!wants("headcount")) return;
  const counted = await asked(countMembers(dingtalk, caller, { onlyActive: false }));
  findings.set(
    "headcount",
    counted.ok ? ofHeadcount(counted.value, { held, scopes }) : failed(counted.error),
  );
}

async function checkWholeTree({ dingtalk, caller, findings, scopes, wants }: Asking): Promise<void> {
  if (!wants("wholeTree")) return;
  // One level is enough to see whether it is allowed, and third-party apps may not ask for more
  const request = { departmentId: firstDepartmentOf(scopes), isRecursive: false };
  const listed = await asked(listDepartmentsLegacy(dingtalk, caller, request));
  findings.set("wholeTree", ofWholeTree(listed.ok ? null : listed.error));
}
