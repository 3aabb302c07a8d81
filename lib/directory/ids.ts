import { z } from "zod";

const INT64_MAX = 2n ** 63n - 1n;

const DIGITS = /^(?:0|-?[1-9]\d{0,18})$/;

function isDepartmentId(text: string): boolean {
  if (!DIGITS.test(text)) return false;
  const value = BigInt(text);
  return value <= INT64_MAX && value >= -INT64_MAX;
}

/** A department's id as it travels: digits as text, in one form only, since DingTalk's numbers may pass 2^53. */
export const departmentId = z.string().refine(isDepartmentId);

/** DingTalk's userids have 64 characters at most. */
export const userId = z.string().min(1).max(64);

/** The run after which the directory is looked at. */
export const atRun = z.uuid().optional();
