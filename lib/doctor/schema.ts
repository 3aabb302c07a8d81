import { z } from "zod";
import { fault } from "@/lib/dingtalk-apps/schema";

export const CHECK_GROUPS = {
  connection: ["reach", "credentials", "release", "egress"],
  permissions: ["scopes", "departments", "department", "members", "member"],
  reading: ["scope", "mobile", "email", "headcount", "wholeTree"],
  rest: ["events", "clock"],
} as const;

export type CheckGroup = keyof typeof CHECK_GROUPS;
export type DoctorCheckName = (typeof CHECK_GROUPS)[CheckGroup][number];

export const DOCTOR_CHECKS: readonly DoctorCheckName[] = Object.values(CHECK_GROUPS).flat();

/** `unreached`: no usable answer; `absent`: missing, which is no problem; `not_run`: an earlier check failed. */
export const CHECK_STATES = ["passed", "warning", "failed", "unreached", "absent", "not_run"] as const;
export type DoctorCheckState = (typeof CHECK_STATES)[number];

const doctorCheck = z.object({
  state: z.enum(CHECK_STATES),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  fault: fault.nullable(),
  checkedAt: z.iso.datetime(),
});
export type DoctorCheck = z.infer<typeof doctorCheck>;

/** Stored checks of an app. Checks that are newer than the last run are missing. */
export type DoctorChecks = Partial<Record<DoctorCheckName, DoctorCheck>>;

/** Parses stored checks, and drops those that this release doesn't understand. */
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

export function countChecks(checks: DoctorChecks): DoctorCounts {
  const count = (...wanted: DoctorCheckState[]) =>
    Object.values(checks).filter(({ state }) => wanted.includes(state)).length;
  return { passed: count("passed"), warnings: count("warning", "unreached"), failed: count("failed") };
}

/** An empty or unknown name means all checks. */
export const checkAgainInput = z.object({
  app: z.string(),
  check: z
    .string()
    .default("")
    .transform((name) => DOCTOR_CHECKS.find((one) => one === name) ?? null),
});
