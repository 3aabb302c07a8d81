import { E2E_APP } from "@/lib/testing/e2e-run";

/** What the secrets of all tests have in them: it may stand in no answer, output or table, whichever test ran. */
export const SUITE_MARKS = { password: "e2epasswordmark", "app secret": E2E_APP.appSecret } as const;
