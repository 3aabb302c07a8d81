import { failureClassOf } from "@/lib/app-health/failure-class";
import type { ContactScopes } from "@/lib/dingtalk/contact-scope";
import { describePartialScope } from "@/lib/dingtalk/contact-scope";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import type { Fault } from "@/lib/dingtalk-apps/schema";
import type { DoctorCheck, DoctorCheckState } from "./schema";

export type Finding = Omit<DoctorCheck, "checkedAt">;

export const finding = (state: DoctorCheckState, facts: Finding["facts"] = {}): Finding => ({
  state,
  facts,
  fault: null,
});

export const passed = (facts?: Finding["facts"]): Finding => finding("passed", facts);
export const absent = (facts?: Finding["facts"]): Finding => finding("absent", facts);
export const notRun = (facts?: Finding["facts"]): Finding => finding("not_run", facts);

export const needsPerson = ({ kind }: Pick<Fault, "kind">): boolean =>
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
