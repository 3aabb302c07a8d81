import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { withCallRecording } from "@/lib/calls/own-calls";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import { type Credentials, identityOf, limiterIdOf } from "@/lib/dingtalk/credentials";
import { type Department, listSubDepartments } from "@/lib/dingtalk/departments";
import { type DingtalkErrorKind, NOT_REACHED } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { type ContactScopes, getScopes } from "@/lib/dingtalk/scopes";
import { requestAccessTokenWithFallback } from "@/lib/dingtalk/tokens";
import { env } from "@/lib/env";
import { ourDingtalk } from "@/lib/upstream/our-dingtalk";
import { CHECKS } from "./form-values";
import { type Check, type CheckName, type ConnectionTest, type Fault, toFault } from "./schema";

const ROOT = "1";
const ROOTS_SHOWN = 5;

/** Where reading begins; the root of all where nothing is granted or known. */
export const firstRoot = (scopes: ContactScopes | null): string => scopes?.departmentIds[0] ?? ROOT;

/** What is said of a scope that isn't the whole organization; `null` for one that is. */
export function partOfScope({ departmentIds, userIds }: ContactScopes): Check["facts"] | null {
  if (departmentIds.includes(ROOT)) return null;
  const roots = departmentIds.slice(0, ROOTS_SHOWN).join(", ");
  return { departments: departmentIds.length, members: userIds.length, roots };
}

/** Failures whose cause stands in the form itself: nothing that could be kept as a draft. */
const IN_THE_FORM: ReadonlySet<string> = new Set<DingtalkErrorKind>([
  "credentials_refused",
  "client_refused",
  "corp_id_wrong",
  "suite_credentials_refused",
]);

const STALE_TICKET: DingtalkErrorKind = "suite_ticket_stale";

/** What a test saw, with what it was given on the way, for an app that is saved at once and for who looks further. */
export type TestOutcome = {
  readonly test: ConnectionTest;
  readonly token: AccessToken | null;
  readonly scopes: ContactScopes | null;
  /** Of the first root of the scope. */
  readonly children: readonly Department[] | null;
};

/** A caller that has one token and no way to another: a test repeats nothing. */
export const onceCaller = (credentials: Credentials, { token }: AccessToken): DingtalkCaller => ({
  appKey: identityOf(credentials).key,
  limiterId: limiterIdOf(identityOf(credentials)),
  token: { current: async () => token, replace: async () => token },
});

/** Values that DingTalk refuses, and would refuse again: a stale suite ticket too, though another one may come. */
export function isRefused({ test }: TestOutcome): boolean {
  const failure = test.checks.find(({ status }) => status === "failed");
  const kind = failure?.fault?.kind ?? "";
  return IN_THE_FORM.has(kind) || kind === STALE_TICKET;
}

type Found = { scopes: ContactScopes | null; children: readonly Department[] | null };

type Seen = Omit<Check, "name" | "durationMs">;
const passed = (facts: Check["facts"] = {}): Seen => ({ status: "passed", facts, fault: null });
const failed = (fault: Fault | null): Seen => ({ status: "failed", facts: {}, fault });

/** @throws whatever isn't DingTalk's "no" */
function faultOf(error: unknown): Fault | null {
  if (!(error instanceof DingtalkError)) throw error;
  return toFault(error.describe());
}

function summarize(lines: ReadonlyMap<CheckName, Check>): ConnectionTest {
  const checks = CHECKS.map(
    (name): Check => lines.get(name) ?? { name, status: "not_run", durationMs: null, facts: {}, fault: null },
  );
  const failure = checks.find(({ status }) => status === "failed");
  return {
    checks,
    isPassed: failure === undefined,
    mayBeDraft: failure !== undefined && !IN_THE_FORM.has(failure.fault?.kind ?? ""),
  };
}

/**
 * Tries an app's credentials for real: a token, what the app may read, and the first departments. Stops at the first
 * check that makes the next one meaningless.
 *
 * @param app in whose log the calls belong; `null` before it is connected
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
  const way = ourDingtalk(undefined, { connections: "tests" });
  const dingtalk = app ? withCallRecording(way, app) : way;
  const lines = new Map<CheckName, Check>();
  let lastAt = now();
  const note = (name: CheckName, seen: Seen) => {
    lines.set(name, { name, ...seen, durationMs: now() - lastAt });
    lastAt = now();
  };
  const seen: Found = { scopes: null, children: null };
  const end = (token: AccessToken | null): TestOutcome => ({ test: summarize(lines), token, ...seen });

  let token: AccessToken;
  try {
    // DingTalk counts exchanges, so a test is one of them: whoever wants another one tests again.
    token = await requestAccessTokenWithFallback({ ...dingtalk, triesMax: 1 }, credentials);
  } catch (error) {
    const isOfTheWay = !(error instanceof DingtalkError) || NOT_REACHED.has(error.kind);
    // What was refused without a call, such as a suite ticket that isn't there, says nothing of the way
    const isAnswered = !isOfTheWay && error.upstream.status !== null;
    if (isAnswered) note("reach", passed({ host: error.upstream.host }));
    note(isOfTheWay ? "reach" : "credentials", failed(faultOf(error)));
    return end(null);
  }
  note("reach", passed({ host: new URL(env().DINGTALK_API_URL).host }));
  note("credentials", passed({ seconds: token.lifetimeSeconds }));

  const caller = onceCaller(credentials, token);
  try {
    seen.scopes = await getScopes(dingtalk, caller);
    const facts = partOfScope(seen.scopes);
    note("scope", facts ? { status: "warning", facts, fault: null } : passed());
  } catch (error) {
    note("scope", failed(faultOf(error)));
    return end(token);
  }
  try {
    seen.children = await listSubDepartments(dingtalk, caller, { departmentId: firstRoot(seen.scopes) });
    note("departments", passed({ n: seen.children.length }));
  } catch (error) {
    note("departments", failed(faultOf(error)));
  }
  return end(token);
}
