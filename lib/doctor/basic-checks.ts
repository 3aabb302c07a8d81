import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import type { Department } from "@/lib/dingtalk/departments";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { type ContactScopes, getScopes } from "@/lib/dingtalk/scopes";
import { testStoredCredentials } from "@/lib/dingtalk-apps/commands";
import { egressAddresses } from "@/lib/dingtalk-apps/egress-addresses";
import { type Fault, fault as faultShape } from "@/lib/dingtalk-apps/schema";
import { singleTokenCaller, type TestOutcome } from "@/lib/dingtalk-apps/test-connection";
import { err, ok, type Result } from "@/lib/result";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { type Finding, failed, notRun, ofPermission, ofScope, passed } from "./findings";
import type { DoctorCheckName } from "./schema";

export type Findings = Map<DoctorCheckName, Finding>;

/** What the further checks stand on. */
export type Ground = {
  readonly findings: Findings;
  /** `null`: there is no token, or DingTalk takes no call from here, so nothing more can be asked. */
  readonly caller: DingtalkCaller | null;
  readonly scopes: ContactScopes | null;
  /** Of the first root, if they were read already. */
  readonly children: readonly Department[] | null;
};

type Asking = { readonly actor: Actor<"directory.sync">; readonly appId: string; readonly address: string };

/** DingTalk's answer, or its no. @throws whatever else */
export async function asked<T>(call: Promise<T>): Promise<Result<T, Fault>> {
  try {
    return ok(await call);
  } catch (error) {
    if (!(error instanceof DingtalkError)) throw error;
    return err(faultShape.parse(error.describe()));
  }
}

/**
 * A whole test of the connection, with the credentials that are kept: it is one of the tests of S9, whatever state
 * the app is in, and sets it to work if it passes.
 *
 * @throws {AppError} `not_found`; `rate_limited`
 */
export async function groundByTest({ actor, appId, address }: Asking): Promise<Ground> {
  const { outcome, credentials } = await testStoredCredentials(actor, appId, address);
  const findings = findingsOf(outcome);
  const { token, scopes, children } = outcome;
  const mayAsk = findings.get("egress")?.state !== "failed";
  return {
    findings,
    caller: token && mayAsk ? singleTokenCaller(credentials, token) : null,
    scopes,
    children,
  };
}

function findingsOf({ test, token, scopes }: TestOutcome): Findings {
  const [reach, credentials, scope, departments] = test.checks;
  const findings: Findings = new Map();
  for (const check of [reach, credentials]) {
    if (check?.name !== "reach" && check?.name !== "credentials") continue;
    const seen = check.status === "passed" ? passed({ ...check.facts }) : notRun();
    findings.set(check.name, check.fault ? failed(check.fault) : seen);
  }
  findings.set("release", token ? passed() : notRun());
  const fault = scope?.fault ?? departments?.fault ?? null;
  noteScopes(findings, token ? { scopes, fault: scope?.fault ?? null } : null);
  findings.set("egress", token ? ofEgress(fault) : notRun());
  if (departments?.status === "passed") findings.set("departments", passed({ ...departments.facts }));
  else if (departments?.fault) findings.set("departments", ofPermission(departments.fault));
  return findings;
}

const ofEgress = (fault: Fault | null): Finding => {
  if (fault?.kind === "ip_not_allowed") return failed(fault);
  const addresses = egressAddresses().join(", ");
  return passed(addresses === "" ? {} : { addresses });
};

type SeenScopes = { readonly scopes: ContactScopes | null; readonly fault: Fault | null };

function noteScopes(findings: Findings, seen: SeenScopes | null): void {
  // What refuses the address says nothing of the permission
  const isSilent = seen === null || seen.fault?.kind === "ip_not_allowed";
  findings.set("scopes", isSilent ? notRun() : ofPermission(seen.fault));
  findings.set("scope", seen?.scopes ? ofScope(seen.scopes) : notRun());
}

/**
 * The same by the token that is kept: no exchange of credentials. One that isn't to be had, as of a broken app, is
 * got by a test.
 *
 * @throws {AppError} `not_found`; `rate_limited`
 */
export async function groundByToken(asking: Asking, dingtalk: Dingtalk): Promise<Ground> {
  const caller = await callerOf(asking.actor, asking.appId);
  if (!(await asked(caller.token.current())).ok) return groundByTest(asking);
  const outcome = await asked(getScopes(dingtalk, caller));
  const [scopes, fault] = outcome.ok ? [outcome.value, null] : [null, outcome.error];
  const findings: Findings = new Map();
  findings.set("egress", ofEgress(fault));
  noteScopes(findings, { scopes, fault });
  return { findings, caller: fault?.kind === "ip_not_allowed" ? null : caller, scopes, children: null };
}
