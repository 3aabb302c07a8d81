import "server-only";
import { createHmac, randomBytes } from "node:crypto";
import { type Credentials, identityOf } from "@/lib/dingtalk/credentials";
import { CONNECTION_TESTS } from "@/lib/limits/numbers";
import { processWide } from "@/lib/process-wide";
import { secretOf } from "@/lib/secrets/app-credentials";
import type { TestOutcome } from "./test-connection";

type Refused = { readonly outcome: TestOutcome; readonly untilMs: number };

/** Recently refused credentials, keyed by an HMAC whose key exists only in this process. */
const refusals = () =>
  processWide("apps.refusals", () => ({ key: randomBytes(32), byCredentials: new Map<string, Refused>() }));

export function credentialsKeyOf(credentials: Credentials): string {
  const ticket = credentials.kind === "isv" ? (credentials.suiteTicket?.reveal() ?? null) : null;
  return createHmac("sha256", refusals().key)
    .update(JSON.stringify([identityOf(credentials), secretOf(credentials).reveal(), ticket]))
    .digest("base64");
}

/** Returns DingTalk's answer for credentials that it refused less than 30 s ago, so that the same pair costs no second call. */
export function recallRefusal(credentials: Credentials, nowMs = Date.now()): TestOutcome | null {
  const refused = refusals().byCredentials.get(credentialsKeyOf(credentials));
  return refused && refused.untilMs > nowMs ? refused.outcome : null;
}

export function rememberRefusal(credentials: Credentials, outcome: TestOutcome, nowMs = Date.now()): void {
  const { byCredentials } = refusals();
  const oldest = byCredentials.keys().next().value;
  if (byCredentials.size >= CONNECTION_TESTS.refusalsRememberedMax && oldest !== undefined)
    byCredentials.delete(oldest);
  const untilMs = nowMs + CONNECTION_TESTS.refusalRememberedMs;
  byCredentials.set(credentialsKeyOf(credentials), { outcome, untilMs });
}
