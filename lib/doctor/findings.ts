import { failureClassOf } from "@/lib/app-health/failure-class";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import type { MemberDetail } from "@/lib/dingtalk/members";
import type { ContactScopes } from "@/lib/dingtalk/scopes";
import type { Fault } from "@/lib/dingtalk-apps/schema";
import { describePartialScope } from "@/lib/dingtalk-apps/test-connection";
import { SKEW_MS_MAX } from "@/lib/health/clock";
import type { AppKind } from "@/prisma/generated/enums";
import type { DoctorCheck, DoctorCheckState } from "./schema";

/** What a check found, without when. */
export type Finding = Omit<DoctorCheck, "checkedAt">;

const finding = (state: DoctorCheckState, facts: Finding["facts"] = {}): Finding => ({
  state,
  facts,
  fault: null,
});

export const passed = (facts?: Finding["facts"]): Finding => finding("passed", facts);
export const absent = (facts?: Finding["facts"]): Finding => finding("absent", facts);
export const notRun = (facts?: Finding["facts"]): Finding => finding("not_run", facts);

/** Whether somebody has to change something before it can work. */
const isForSomebody = ({ kind }: Pick<Fault, "kind">): boolean =>
  failureClassOf({ kind: kind as DingtalkErrorKind }) !== "transient";

/** A failure that says nothing of what was checked is none of it. */
export const failed = (fault: Fault): Finding => ({
  state: isForSomebody(fault) ? "failed" : "unreached",
  facts: {},
  fault,
});

/** Answers by which DingTalk lets the app ask, though not about this one. */
const ALLOWED: ReadonlySet<string> = new Set<DingtalkErrorKind>([
  "department_out_of_scope",
  "department_gone",
  "department_members_unreadable",
  "member_out_of_scope",
  "member_gone",
]);

/** What a call says of the permission that it needs. */
export function ofPermission(fault: Fault | null): Finding {
  if (fault === null) return passed();
  return ALLOWED.has(fault.kind) ? passed({ beyond: 1 }) : failed(fault);
}

/** What is authorized: everything, or a part of it. */
export function ofScope(scopes: ContactScopes): Finding {
  const part = describePartialScope(scopes);
  return part === null ? passed() : finding("warning", part);
}

/** There was no person to look at. */
export const NOBODY = { nobody: 1 } as const;

/** A personal field, by the names that a person and the list of what is shown have for it. */
type Field = {
  readonly names: readonly (keyof MemberDetail["personal"])[];
  readonly listed: readonly string[];
};

export const FIELDS: Readonly<Record<"mobile" | "email", Field>> = {
  mobile: { names: ["mobile"], listed: ["mobile"] },
  email: { names: ["email", "org_email"], listed: ["email", "orgEmail"] },
};

export type FieldContext = {
  /** The person who was read, if one could be. */
  readonly member: MemberDetail | null;
  /** Whether there was somebody to read. */
  readonly hasPerson: boolean;
  readonly scopes: ContactScopes | null;
  readonly kind: AppKind;
  /** Whether the organization keeps personal fields, and would miss them. */
  readonly isWanted: boolean;
};

/**
 * Whether DingTalk shows a personal field: a real person has it, or the list of the app's fields names it, since
 * somebody may have none.
 */
export function ofField(
  { names, listed }: Field,
  { member, hasPerson, scopes, kind, isWanted }: FieldContext,
): Finding {
  const isThere = names.some((name) => member?.personal[name] !== undefined);
  if (isThere || listed.some((name) => scopes?.userFields.includes(name))) return passed();
  if (kind === "isv") return absent({ isv: 1 });
  if (member === null) return notRun(hasPerson ? {} : NOBODY);
  return isWanted ? finding("warning") : absent();
}

/** What the two sides may differ by, from what happened since the last sync. */
const SHARE_MAX = 0.05;
const FEW = 5;

export type HeadcountContext = {
  /** How many people we hold; `null` before the first complete sync. */
  readonly held: number | null;
  readonly scopes: ContactScopes | null;
};

/** DingTalk's own count of the organization's people, which knows no scope, beside ours. */
export function ofHeadcount(n: number, { held, scopes }: HeadcountContext): Finding {
  if (held === null) return passed({ n });
  const isWhole = scopes !== null && describePartialScope(scopes) === null;
  const isNear = Math.abs(n - held) <= Math.max(FEW, n * SHARE_MAX);
  return finding(isNear || !isWhole ? "passed" : "warning", { n, held });
}

/** Newer apps can't get this one's permission any more, so a no is nothing to mend. */
export const ofWholeTree = (fault: Fault | null): Finding => {
  if (fault === null) return passed();
  return isForSomebody(fault) || fault.kind === "malformed_request" ? absent() : ofPermission(fault);
};

const SECOND_MS = 1_000;

/** @param skewMs how far DingTalk's clock is ahead of ours */
export function ofClock(skewMs: number | null): Finding {
  if (skewMs === null) return notRun();
  const seconds = Math.round(Math.abs(skewMs) / SECOND_MS);
  return finding(Math.abs(skewMs) > SKEW_MS_MAX ? "warning" : "passed", { seconds });
}
