import "server-only";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { getDepartment, listDepartmentsLegacy, listSubDepartments } from "@/lib/dingtalk/departments";
import { countMembers, getMember, listMembers, type MemberDetail } from "@/lib/dingtalk/members";
import { firstDepartmentOf } from "@/lib/dingtalk-apps/test-connection";
import { clockSkew } from "@/lib/health/clock-skew";
import type { AppKind } from "@/prisma/generated/enums";
import { type BasicChecks, resultOf } from "./basic-checks";
import {
  absent,
  clockFinding,
  FIELDS,
  failed,
  fieldFinding,
  headcountFinding,
  NO_MEMBER,
  notRun,
  passed,
  permissionFinding,
  wholeTreeFinding,
} from "./findings";
import type { DoctorCheckName } from "./schema";

export type CheckContext = BasicChecks & {
  readonly dingtalk: Dingtalk;
  readonly kind: AppKind;
  readonly keepsPersonal: boolean;
  readonly storedMembers: number | null;
  readonly wants: (...names: DoctorCheckName[]) => boolean;
};

type CallContext = CheckContext & { readonly caller: DingtalkCaller };

/** Runs the requested checks that the basic checks left open, each with one call, and adds their findings. */
export async function runFurtherChecks(context: CheckContext): Promise<void> {
  const { findings, caller, wants } = context;
  if (caller !== null) {
    const withCaller = { ...context, caller };
    await Promise.all([checkDirectory(withCaller), checkHeadcount(withCaller), checkWholeTree(withCaller)]);
  }
  if (wants("events")) findings.set("events", absent());
  if (wants("clock")) findings.set("clock", clockFinding(clockSkew().skewMs));
}

async function checkDirectory(context: CallContext): Promise<void> {
  const { dingtalk, caller, findings, scopes, wants } = context;
  const root = { departmentId: firstDepartmentOf(scopes) };
  if (context.children === null && wants("departments")) {
    const listed = await resultOf(listSubDepartments(dingtalk, caller, root));
    findings.set(
      "departments",
      listed.ok ? passed({ n: listed.value.length }) : permissionFinding(listed.error),
    );
  }
  if (wants("department")) {
    const got = await resultOf(getDepartment(dingtalk, caller, root));
    findings.set("department", permissionFinding(got.ok ? null : got.error));
  }
  if (wants("members", "member", "mobile", "email")) await checkMembers(context);
}

async function checkMembers(context: CallContext): Promise<void> {
  const { dingtalk, caller, findings, scopes, kind, keepsPersonal: isStored } = context;
  const userId = await findReadableMember(context);
  let member: MemberDetail | null = null;
  if (userId === null) {
    findings.set("member", notRun(NO_MEMBER));
  } else {
    // Personal data is read to see whether it is present, and never stored
    const got = await resultOf(getMember(dingtalk, caller, { userId, keepsPersonal: true }));
    if (got.ok) member = got.value;
    findings.set("member", permissionFinding(got.ok ? null : got.error));
  }
  const field = { member, hasMember: userId !== null, scopes, kind, isStored };
  findings.set("mobile", fieldFinding(FIELDS.mobile, field));
  findings.set("email", fieldFinding(FIELDS.email, field));
}

/** Finds a member of the first authorized department, one authorized directly, or one of the first subdepartment. */
async function findReadableMember(context: CallContext): Promise<string | null> {
  const { dingtalk, caller, findings, scopes, children } = context;
  const firstOf = (departmentId: string) =>
    resultOf(listMembers(dingtalk, caller, { departmentId, size: 1, keepsPersonal: false }));
  const page = await firstOf(firstDepartmentOf(scopes));
  findings.set("members", permissionFinding(page.ok ? null : page.error));
  const known = (page.ok ? page.value.members[0]?.userId : null) ?? scopes?.userIds[0];
  if (known) return known;
  const below = children?.[0];
  if (!page.ok || !below) return null;
  const next = await firstOf(below.departmentId);
  return next.ok ? (next.value.members[0]?.userId ?? null) : null;
}

async function checkHeadcount({
  dingtalk,
  caller,
  findings,
  storedMembers,
  scopes,
  wants,
}: CallContext): Promise<void> {
  if (!wants("headcount")) return;
  const counted = await resultOf(countMembers(dingtalk, caller, { onlyActive: false }));
  findings.set(
    "headcount",
    counted.ok ? headcountFinding(counted.value, { storedMembers, scopes }) : failed(counted.error),
  );
}

async function checkWholeTree({ dingtalk, caller, findings, scopes, wants }: CallContext): Promise<void> {
  if (!wants("wholeTree")) return;
  // One level shows whether the API is allowed, and third-party apps may not read more
  const request = { departmentId: firstDepartmentOf(scopes), isRecursive: false };
  const listed = await resultOf(listDepartmentsLegacy(dingtalk, caller, request));
  findings.set("wholeTree", wholeTreeFinding(listed.ok ? null : listed.error));
}
