import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { withCallRecording } from "@/lib/calls/own-calls";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import {
  type ContactScopes,
  describePartialScope,
  firstDepartmentOf,
  getScopes,
} from "@/lib/dingtalk/contact-scope";
import { type Credentials, identityOf } from "@/lib/dingtalk/credentials";
import { type Department, listSubDepartments } from "@/lib/dingtalk/departments";
import { type DingtalkErrorKind, NOT_REACHED } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { limiterIdOf } from "@/lib/dingtalk/limiter-id";
import { requestAccessTokenWithFallback } from "@/lib/dingtalk/tokens";
import { env } from "@/lib/env";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import { type Check, type CheckName, type ConnectionTest, type Fault, toFault } from "./schema";
import { CHECKS } from "./setting-choices";

/** Errors caused by a value of the form, with which the app can't be stored as a draft. */
const CAUSED_BY_INPUT: ReadonlySet<string> = new Set<DingtalkErrorKind>([
  "credentials_refused",
  "client_refused",
  "corp_id_wrong",
  "suite_credentials_refused",
]);

const STALE_TICKET: DingtalkErrorKind = "suite_ticket_stale";

export type TestOutcome = {
  readonly test: ConnectionTest;
  readonly token: AccessToken | null;
  readonly scopes: ContactScopes | null;
  /** Subdepartments of the first department of the scope. */
  readonly children: readonly Department[] | null;
};

/** Returns a caller that never renews its token, because a test must not exchange credentials twice. */
export const singleTokenCaller = (credentials: Credentials, { token }: AccessToken): DingtalkCaller => ({
  appKey: identityOf(credentials).key,
  limiterId: limiterIdOf(identityOf(credentials)),
  token: { current: async () => token, replace: async () => token },
});

/** Reports whether DingTalk refused the credentials and would refuse them again. A stale suite ticket counts as well. */
export function isRefused({ test }: TestOutcome): boolean {
  const failure = test.checks.find(({ status }) => status === "failed");
  const kind = failure?.fault?.kind ?? "";
  return CAUSED_BY_INPUT.has(kind) || kind === STALE_TICKET;
}

type Received = { scopes: ContactScopes | null; children: readonly Department[] | null };

type CheckResult = Omit<Check, "name" | "durationMs">;
const passed = (facts: Check["facts"] = {}): CheckResult => ({ status: "passed", facts, fault: null });
const failed = (fault: Fault | null): CheckResult => ({ status: "failed", facts: {}, fault });

/** @throws any error that is not a `DingtalkError` */
function faultOf(error: unknown): Fault | null {
  if (!(error instanceof DingtalkError)) throw error;
  return toFault(error.describe());
}

function summarize(results: ReadonlyMap<CheckName, Check>): ConnectionTest {
  const checks = CHECKS.map(
    (name): Check =>
      results.get(name) ?? { name, status: "not_run", durationMs: null, facts: {}, fault: null },
  );
  const failure = checks.find(({ status }) => status === "failed");
  return {
    checks,
    isPassed: failure === undefined,
    mayBeDraft: failure !== undefined && !CAUSED_BY_INPUT.has(failure.fault?.kind ?? ""),
  };
}

/**
 * Tests credentials at DingTalk: a token, the authorized scope, the first departments. Stops at the first failure.
 * @param app the app whose log receives the calls; `null` before it is connected
 * @see docs/dingtalk/tokens.md
 * @see docs/dingtalk/third-party-apps.md
 * @see docs/dingtalk/departments.md#list-child-departments
 * @see docs/dingtalk/permissions-and-scopes.md#contact-scope
 */
export async function testConnection(
  credentials: Credentials,
  app: AppRef | null = null,
  now: () => number = Date.now,
): Promise<TestOutcome> {
  const base = ourDingtalk(undefined, { connections: "tests" });
  const dingtalk = app ? withCallRecording(base, app) : base;
  const results = new Map<CheckName, Check>();
  let lastAt = now();
  const record = (name: CheckName, result: CheckResult) => {
    results.set(name, { name, ...result, durationMs: now() - lastAt });
    lastAt = now();
  };
  const received: Received = { scopes: null, children: null };
  const end = (token: AccessToken | null): TestOutcome => ({ test: summarize(results), token, ...received });

  let token: AccessToken;
  try {
    // DingTalk limits token requests, so a test makes only one.
    token = await requestAccessTokenWithFallback({ ...dingtalk, triesMax: 1 }, credentials);
  } catch (error) {
    const isUnreached = !(error instanceof DingtalkError) || NOT_REACHED.has(error.kind);
    // A failure without a call, such as a missing suite ticket, says nothing about the connection
    const isAnswered = !isUnreached && error.upstream.status !== null;
    if (isAnswered) record("reach", passed({ host: error.upstream.host }));
    record(isUnreached ? "reach" : "credentials", failed(faultOf(error)));
    return end(null);
  }
  record("reach", passed({ host: new URL(env().DINGTALK_API_URL).host }));
  record("credentials", passed({ seconds: token.lifetimeSeconds }));

  const caller = singleTokenCaller(credentials, token);
  try {
    received.scopes = await getScopes(dingtalk, caller);
    const facts = describePartialScope(received.scopes);
    record("scope", facts ? { status: "warning", facts, fault: null } : passed());
  } catch (error) {
    record("scope", failed(faultOf(error)));
    return end(token);
  }
  try {
    received.children = await listSubDepartments(dingtalk, caller, {
      departmentId: firstDepartmentOf(received.scopes),
    });
    record("departments", passed({ n: received.children.length }));
  } catch (error) {
    record("departments", failed(faultOf(error)));
  }
  return end(token);
}
