import "server-only";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import { listSubDepartments } from "@/lib/dingtalk/departments";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { getScopes } from "@/lib/dingtalk/scopes";
import { type AccessToken, type AppPair, requestAccessTokenWithFallback } from "@/lib/dingtalk/tokens";
import { env } from "@/lib/env";
import { ourDingtalk } from "@/lib/upstream/our-dingtalk";
import { CHECKS } from "./form-values";
import { type Check, type CheckName, type ConnectionTest, type Fault, toFault } from "./schema";

const ROOT = "1";
const ROOTS_SHOWN = 5;

/** Failures of the way there: DingTalk has said nothing of the pair. */
const NOT_REACHED: ReadonlySet<DingtalkErrorKind> = new Set<DingtalkErrorKind>([
  "host_unresolved",
  "unreachable",
  "timeout",
  "tls_failed",
  "not_dingtalk",
  "wrong_host",
  "too_large",
]);

/** Failures whose cause stands in the form itself: nothing that could be kept as a draft. */
const IN_THE_FORM: ReadonlySet<string> = new Set<DingtalkErrorKind>([
  "credentials_refused",
  "client_refused",
  "corp_id_wrong",
]);

/** What a test saw, with the token that it was given on the way, for an app that is saved at once. */
export type TestOutcome = { readonly test: ConnectionTest; readonly token: AccessToken | null };

/** A caller that has one token and no way to another: a test repeats nothing. */
const onceCaller = (appKey: string, { token }: AccessToken): DingtalkCaller => ({
  appKey,
  token: { current: async () => token, replace: async () => token },
});

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
 * Tries a pair for real: a token, what the app may read, and the first departments. Stops at the first
 * check that makes the next one meaningless.
 *
 * @see reference/dingtalk-api.md 1.2, 4.2, 4.8
 */
export async function testConnection(pair: AppPair, now: () => number = Date.now): Promise<TestOutcome> {
  const dingtalk = ourDingtalk();
  const lines = new Map<CheckName, Check>();
  let lastAt = now();
  const note = (name: CheckName, seen: Seen) => {
    lines.set(name, { name, ...seen, durationMs: now() - lastAt });
    lastAt = now();
  };
  const end = (token: AccessToken | null): TestOutcome => ({ test: summarize(lines), token });

  let token: AccessToken;
  try {
    // DingTalk counts exchanges, so a test is one of them: whoever wants another one tests again.
    token = await requestAccessTokenWithFallback({ ...dingtalk, triesMax: 1 }, pair);
  } catch (error) {
    const isReached = error instanceof DingtalkError && !NOT_REACHED.has(error.kind);
    if (isReached) note("reach", passed({ host: error.upstream.host }));
    note(isReached ? "credentials" : "reach", failed(faultOf(error)));
    return end(null);
  }
  note("reach", passed({ host: new URL(env().DINGTALK_API_URL).host }));
  note("credentials", passed({ seconds: token.lifetimeSeconds }));

  const caller = onceCaller(pair.appKey, token);
  let root = ROOT;
  try {
    const { departmentIds, userIds } = await getScopes(dingtalk, caller);
    root = departmentIds[0] ?? ROOT;
    const isWhole = departmentIds.includes(ROOT);
    const roots = departmentIds.slice(0, ROOTS_SHOWN).join(", ");
    const facts = { departments: departmentIds.length, members: userIds.length, roots };
    note("scope", isWhole ? passed() : { status: "warning", facts, fault: null });
  } catch (error) {
    note("scope", failed(faultOf(error)));
    return end(token);
  }
  try {
    const children = await listSubDepartments(dingtalk, caller, { departmentId: root });
    note("departments", passed({ n: children.length }));
  } catch (error) {
    note("departments", failed(faultOf(error)));
  }
  return end(token);
}
