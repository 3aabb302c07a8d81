import { E2E_APP } from "@/lib/testing/e2e-run";

/** Mark in the secrets of all tests, which no answer, output or table may contain. */
export const SUITE_MARKS = { password: "e2epasswordmark", "app secret": E2E_APP.appSecret } as const;
