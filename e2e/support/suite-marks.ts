import { E2E_APP } from "@/lib/testing/e2e-run";

/** Marks in the secrets of all tests. No answer, output or table may contain one. */
export const SUITE_MARKS = { password: "e2epasswordmark", "app secret": E2E_APP.appSecret } as const;
