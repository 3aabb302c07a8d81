import { createTranslator } from "next-intl";
import { describe, expect, test } from "vitest";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { toFault } from "@/lib/dingtalk-apps/schema";
import { CHECK_STATES, DOCTOR_CHECKS, type DoctorCheck } from "@/lib/doctor/schema";
import en from "@/messages/en.json";
import zh from "@/messages/zh-CN.json";
import { checkText, type DoctorTranslator, reportText } from "./check-text";

const checkedAt = "2026-11-28T03:00:00.000Z";
const FACTS = {
  host: "h",
  seconds: 2,
  n: 5,
  held: 4,
  departments: 1,
  members: 1,
  roots: "7",
  addresses: "203.0.113.7",
};

describe.each([
  ["en", en],
  ["zh-CN", zh],
] as const)("texts of checks in %s", (locale, messages) => {
  /** Throws on missing messages and values. */
  const translator = (namespace: "doctor" | "fault") =>
    createTranslator({
      locale,
      messages,
      namespace,
      onError: (error) => {
        throw error;
      },
    }) as never;
  const t: DoctorTranslator = translator("doctor");

  test("checkText describes every result of every check, and returns null for a fault", () => {
    const variants: DoctorCheck["facts"][] = [
      FACTS,
      { ...FACTS, beyond: 1, isv: 1, nobody: 1 },
      { ...FACTS, departments: 0 },
      { ...FACTS, departments: 0, members: 0 },
      { ...FACTS, way: "stream" },
      { ...FACTS, way: "http" },
      { ...FACTS, way: "http", missed: 3 },
    ];
    for (const name of DOCTOR_CHECKS) {
      for (const state of CHECK_STATES) {
        for (const facts of variants) {
          expect(checkText(t, name, { state, facts, fault: null, checkedAt }), name).toMatch(/\S/);
        }
      }
      const { held: _, ...first } = FACTS;
      expect(checkText(t, name, { state: "passed", facts: first, fault: null, checkedAt })).toMatch(/\S/);
      const fault = { kind: "timeout" } as DoctorCheck["fault"];
      expect(checkText(t, name, { state: "failed", facts: {}, fault, checkedAt })).toBeNull();
    }
  });

  test("reportText contains DingTalk's codes", () => {
    const upstream = { host: "oapi.dingtalk.com", code: "88", subCode: "60011", requestId: "r-1" };
    const api = "topapi/v2/user/get";
    const error = new DingtalkError({ kind: "missing_permission", api, upstream });
    const member: DoctorCheck = { state: "failed", facts: {}, fault: toFault(error.describe()), checkedAt };
    const translators = { t, fault: translator("fault"), stateLabel: (state: string) => state } as const;
    const text = reportText("Dingkeep", { member }, translators);
    expect(text.split("\n")).toEqual([
      "Dingkeep",
      expect.stringMatching(
        /^failed · .*成员信息读权限.* \[topapi\/v2\/user\/get 88 60011 r-1\] · 2026-11-28T/,
      ),
    ]);
  });
});
