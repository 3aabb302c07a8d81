import "server-only";
import { firstDepartmentOf } from "@/lib/dingtalk/contact-scope";
import { getDepartment, listDepartmentsLegacy, listSubDepartments } from "@/lib/dingtalk/departments";
import { getMember, listMembers, type MemberDetail } from "@/lib/dingtalk/members";
import type { Fault } from "@/lib/dingtalk-apps/schema";
import { clockSkew, SKEW_MS_MAX } from "@/lib/health/clock-skew";
import { type CheckContext, resultOf, type WithCaller } from "./connection-checks";
import { absent, type Finding, finding, needsPerson, notRun, passed, permissionFinding } from "./findings";
import { checkHeadcount } from "./headcount-check";
import { FIELDS, fieldFinding, NO_MEMBER } from "./personal-field-checks";

/** Runs the requested checks that the basic checks left open, each with one call, and adds their findings. */
export async function runFurtherChecks(context: CheckContext): Promise<void> {
  const { findings, caller, wants } = context;
  if (caller !== null) {
    const withCaller = { ...context, caller };
    await Promise.all([checkDirectory(withCaller), checkHeadcount(withCaller), checkWholeTree(withCaller)]);
  }
  if (wants("clock")) findings.set("clock", clockFinding(clockSkew().skewMs));
}

async function checkDirectory(context: WithCaller): Promise<void> {
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

async function checkMembers(context: WithCaller): Promise<void> {
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
async function findReadableMember(context: WithCaller): Promise<string | null> {
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

async function checkWholeTree({ dingtalk, caller, findings, scopes, wants }: WithCaller): Promise<void> {
  if (!wants("wholeTree")) return;
  // One level shows whether the API is allowed, and third-party apps may not read more
  const request = { departmentId: firstDepartmentOf(scopes), isRecursive: false };
  const listed = await resultOf(listDepartmentsLegacy(dingtalk, caller, request));
  findings.set("wholeTree", wholeTreeFinding(listed.ok ? null : listed.error));
}

/** A refusal is *absent*, because newer apps can't get the permission of this API. */
const wholeTreeFinding = (fault: Fault | null): Finding => {
  if (fault === null) return passed();
  return needsPerson(fault) || fault.kind === "malformed_request" ? absent() : permissionFinding(fault);
};

const SECOND_MS = 1_000;

/** @param skewMs how far DingTalk's clock is ahead of ours */
function clockFinding(skewMs: number | null): Finding {
  if (skewMs === null) return notRun();
  const seconds = Math.round(Math.abs(skewMs) / SECOND_MS);
  return finding(Math.abs(skewMs) > SKEW_MS_MAX ? "warning" : "passed", { seconds });
}
