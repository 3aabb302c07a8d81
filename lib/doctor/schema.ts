import { z } from "zod";
import { fault } from "@/lib/dingtalk-apps/schema";

/** What the doctor looks at, in its order, by where it stands on the page. */
export const CHECK_GROUPS = {
  connection: ["reach", "credentials", "release", "egress"],
  permissions: ["scopes", "departments", "department", "members", "member"],
  reading: ["scope", "mobile", "email", "headcount", "wholeTree"],
  rest: ["events", "clock"],
} as const;

export type CheckGroup = keyof typeof CHECK_GROUPS;
export type DoctorCheckName = (typeof CHECK_GROUPS)[CheckGroup][number];

export const DOCTOR_CHECKS: readonly DoctorCheckName[] = Object.values(CHECK_GROUPS).flat();

/**
 * `unreached`: DingTalk gave no answer that says anything; `absent`: not there, and nothing is wrong with that;
 * `not_run`: what is missing before it makes it pointless.
 */
export const CHECK_STATES = ["passed", "warning", "failed", "unreached", "absent", "not_run"] as const;
export type DoctorCheckState = (typeof CHECK_STATES)[number];

/** What a check is about, as DingTalk's console names it, and what was called for it. */
export type CheckPlan = {
  readonly api?: string;
  readonly permission?: string;
  /** Where in DingTalk's console it is changed, by the list in `messages/`. */
  readonly place?: "P1" | "P2" | "P3" | "P4" | "P5" | "P6";
  /** It follows from others: there is nothing to ask again. */
  readonly isDerived?: true;
};

export const CHECK_PLANS: Readonly<Record<DoctorCheckName, CheckPlan>> = {
  reach: {},
  credentials: { place: "P1" },
  release: { place: "P5", isDerived: true },
  egress: { api: "auth/scopes", place: "P4" },
  scopes: { api: "auth/scopes", permission: "qyapi_base", place: "P2" },
  departments: {
    api: "topapi/v2/department/listsub",
    permission: "qyapi_get_department_list",
    place: "P2",
  },
  department: { api: "topapi/v2/department/get", permission: "qyapi_get_department_list", place: "P2" },
  members: { api: "topapi/v2/user/list", permission: "qyapi_get_department_member", place: "P2" },
  member: { api: "topapi/v2/user/get", permission: "qyapi_get_member", place: "P2" },
  scope: { api: "auth/scopes", place: "P3" },
  mobile: { api: "topapi/v2/user/get", permission: "fieldMobile", place: "P2" },
  email: { api: "topapi/v2/user/get", permission: "fieldEmail", place: "P2" },
  headcount: { api: "topapi/user/count", permission: "qyapi_get_department_member", place: "P3" },
  wholeTree: { api: "department/list" },
  events: { place: "P6", isDerived: true },
  clock: { api: "auth/scopes" },
};

const doctorCheck = z.object({
  state: z.enum(CHECK_STATES),
  /** What was seen, by the name that the check's sentence uses. */
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  fault: fault.nullable(),
  checkedAt: z.iso.datetime(),
});
export type DoctorCheck = z.infer<typeof doctorCheck>;

/** What is kept of an app; a check that a release before this one did not know isn't in it. */
export type DoctorChecks = Partial<Record<DoctorCheckName, DoctorCheck>>;

/** What is stored, as far as this release understands it. */
export function toChecks(stored: unknown): DoctorChecks {
  const rows = z.record(z.string(), z.unknown()).safeParse(stored);
  const checks: DoctorChecks = {};
  for (const name of rows.success ? DOCTOR_CHECKS : []) {
    const check = doctorCheck.safeParse(rows.data?.[name]);
    if (check.success) checks[name] = check.data;
  }
  return checks;
}

export type DoctorCounts = Readonly<Record<"passed" | "warnings" | "failed", number>>;

/** How many are well, how many aren't quite, and for how many something is to be done. */
export function countChecks(checks: DoctorChecks): DoctorCounts {
  const count = (...wanted: DoctorCheckState[]) =>
    Object.values(checks).filter(({ state }) => wanted.includes(state)).length;
  return { passed: count("passed"), warnings: count("warning", "unreached"), failed: count("failed") };
}

/** Empty: everything. */
export const checkAgainInput = z.object({
  app: z.string(),
  check: z
    .string()
    .default("")
    .transform((name) => DOCTOR_CHECKS.find((one) => one === name) ?? null),
});
