import { failureClassOf } from "@/lib/app-health/failure-class";
import type { ContactScopes } from "@/lib/dingtalk/contact-scope";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import type { MemberDetail } from "@/lib/dingtalk/members";
import type { Fault } from "@/lib/dingtalk-apps/schema";
import { describePartialScope } from "@/lib/dingtalk-apps/test-connection";
import { SKEW_MS_MAX } from "@/lib/health/clock-skew";
import type { AppKind } from "@/prisma/generated/enums";
import type { DoctorCheck, DoctorCheckState } from "./schema";

export type Finding = Omit<DoctorCheck, "checkedAt">;

const finding = (state: DoctorCheckState, facts: Finding["facts"] = {}): Finding => ({
  state,
  facts,
  fault: null,
});

export const passed = (facts?: Finding["facts"]): Finding => finding("passed", facts);
export const absent = (facts?: Finding["facts"]): Finding => finding("absent", facts);
export const notRun = (facts?: Finding["facts"]): Finding => finding("not_run", facts);

const needsPerson = ({ kind }: Pick<Fault, "kind">): boolean =>
  failureClassOf({ kind: kind as DingtalkErrorKind }) !== "transient";

/** Returns *failed* if a person has to fix the cause, else *unreached*: a transient failure says nothing about the check. */
export const failed = (fault: Fault): Finding => ({
  state: needsPerson(fault) ? "failed" : "unreached",
  facts: {},
  fault,
});

/** Errors that show that the app may call the API, only not for this department or member. */
const ALLOWED: ReadonlySet<string> = new Set<DingtalkErrorKind>([
  "department_out_of_scope",
  "department_gone",
  "department_members_unreadable",
  "member_out_of_scope",
  "member_gone",
]);

export function permissionFinding(fault: Fault | null): Finding {
  if (fault === null) return passed();
  return ALLOWED.has(fault.kind) ? passed({ beyond: 1 }) : failed(fault);
}

export function scopeFinding(scopes: ContactScopes): Finding {
  const part = describePartialScope(scopes);
  return part === null ? passed() : finding("warning", part);
}

export const NO_MEMBER = { nobody: 1 } as const;

type Field = {
  readonly names: readonly (keyof MemberDetail["personal"])[];
  readonly listed: readonly string[];
};

export const FIELDS: Readonly<Record<"mobile" | "email", Field>> = {
  mobile: { names: ["mobile"], listed: ["mobile"] },
  email: { names: ["email", "org_email"], listed: ["email", "orgEmail"] },
};

export type FieldContext = {
  readonly member: MemberDetail | null;
  /** A member was found, even if it could not be read. */
  readonly hasMember: boolean;
  readonly scopes: ContactScopes | null;
  readonly kind: AppKind;
  readonly isStored: boolean;
};

/** Passes if the member has the personal field or DingTalk lists it, because a member may lack a value. */
export function fieldFinding(
  { names, listed }: Field,
  { member, hasMember, scopes, kind, isStored }: FieldContext,
): Finding {
  const isThere = names.some((name) => member?.personal[name] !== undefined);
  if (isThere || listed.some((name) => scopes?.userFields.includes(name))) return passed();
  if (kind === "isv") return absent({ isv: 1 });
  if (member === null) return notRun(hasMember ? {} : NO_MEMBER);
  return isStored ? finding("warning") : absent();
}

/** Differences up to 5 % or 5 members are explained by changes since the last sync. */
const SHARE_MAX = 0.05;
const FEW = 5;

export type HeadcountContext = {
  /** Stored members; `null` before the first complete sync. */
  readonly storedMembers: number | null;
  readonly scopes: ContactScopes | null;
};

/** Compares DingTalk's count of members, which ignores the authorized scope, with the stored members. */
export function headcountFinding(n: number, { storedMembers, scopes }: HeadcountContext): Finding {
  if (storedMembers === null) return passed({ n });
  const isFullRun = scopes !== null && describePartialScope(scopes) === null;
  const isNear = Math.abs(n - storedMembers) <= Math.max(FEW, n * SHARE_MAX);
  return finding(isNear || !isFullRun ? "passed" : "warning", { n, held: storedMembers });
}

/** A refusal is *absent*, because newer apps can't get the permission of this API. */
export const wholeTreeFinding = (fault: Fault | null): Finding => {
  if (fault === null) return passed();
  return needsPerson(fault) || fault.kind === "malformed_request" ? absent() : permissionFinding(fault);
};

const SECOND_MS = 1_000;

/** @param skewMs how far DingTalk's clock is ahead of ours */
export function clockFinding(skewMs: number | null): Finding {
  if (skewMs === null) return notRun();
  const seconds = Math.round(Math.abs(skewMs) / SECOND_MS);
  return finding(Math.abs(skewMs) > SKEW_MS_MAX ? "warning" : "passed", { seconds });
}
