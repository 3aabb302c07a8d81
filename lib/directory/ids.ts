import { z } from "zod";

export { ROOT_DEPARTMENT_ID } from "@/lib/dingtalk/department-id";

const INT64_MAX = 2n ** 63n - 1n;

const DIGITS = /^(?:0|-?[1-9]\d{0,18})$/;

function isDepartmentId(text: string): boolean {
  if (!DIGITS.test(text)) return false;
  const value = BigInt(text);
  return value <= INT64_MAX && value >= -INT64_MAX;
}

/** A department id as text, because DingTalk's numbers may exceed 2^53. Only the canonical decimal form is valid. */
export const departmentId = z.string().refine(isDepartmentId);

/** DingTalk's userids have 64 characters at most. */
export const userId = z.string().min(1).max(64);

export const atRun = z.uuid().optional();
