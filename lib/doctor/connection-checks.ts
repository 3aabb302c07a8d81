import "server-only";
import type { Actor } from "@/lib/auth/actor";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import type { Dingtalk } from "@/lib/dingtalk/client";
import { type ContactScopes, getScopes } from "@/lib/dingtalk/contact-scope";
import type { Department } from "@/lib/dingtalk/departments";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { egressAddresses } from "@/lib/dingtalk-apps/egress-addresses";
import { testStoredCredentials } from "@/lib/dingtalk-apps/retest-app";
import { type Fault, fault as faultShape } from "@/lib/dingtalk-apps/schema";
import { singleTokenCaller, type TestOutcome } from "@/lib/dingtalk-apps/test-connection";
import { err, ok, type Result } from "@/lib/result";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import type { AppKind } from "@/prisma/generated/enums";
import { type Finding, failed, notRun, passed, permissionFinding, scopeFinding } from "./findings";
import type { DoctorCheckName } from "./schema";

export type Findings = Map<DoctorCheckName, Finding>;

export type BasicChecks = {
  readonly findings: Findings;
  /** `null` without a token, or if DingTalk refuses this server's address: no further check is possible. */
  readonly caller: DingtalkCaller | null;
  readonly scopes: ContactScopes | null;
  /** Subdepartments of the first authorized department, if they were read. */
  readonly children: readonly Department[] | null;
};

/** The results of the basic checks, and the settings that the further checks need. */
export type CheckContext = BasicChecks & {
  readonly dingtalk: Dingtalk;
  readonly kind: AppKind;
  readonly keepsPersonal: boolean;
  readonly storedMembers: number | null;
  readonly wants: (...names: DoctorCheckName[]) => boolean;
};

/** The context while DingTalk can be called. */
export type WithCaller = CheckContext & { readonly caller: DingtalkCaller };

type CallContext = {
  readonly actor: Actor<"directory.sync">;
  readonly appId: string;
  readonly address: string;
};

/** Returns DingTalk's answer or error. @throws any other error */
export async function resultOf<T>(call: Promise<T>): Promise<Result<T, Fault>> {
  try {
    return ok(await call);
  } catch (error) {
    if (!(error instanceof DingtalkError)) throw error;
    return err(faultShape.parse(error.describe()));
  }
}

/**
 * Runs a connection test with the stored credentials, within the limits of S9.
 * @throws {AppError} `not_found`; `rate_limited`
 */
export async function checkByTest({ actor, appId, address }: CallContext): Promise<BasicChecks> {
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
  addScopes(findings, token ? { scopes, fault: scope?.fault ?? null } : null);
  findings.set("egress", token ? egressFinding(fault) : notRun());
  if (departments?.status === "passed") findings.set("departments", passed({ ...departments.facts }));
  else if (departments?.fault) findings.set("departments", permissionFinding(departments.fault));
  return findings;
}

const egressFinding = (fault: Fault | null): Finding => {
  if (fault?.kind === "ip_not_allowed") return failed(fault);
  const addresses = egressAddresses().join(", ");
  return passed(addresses === "" ? {} : { addresses });
};

type ReadScopes = { readonly scopes: ContactScopes | null; readonly fault: Fault | null };

function addScopes(findings: Findings, seen: ReadScopes | null): void {
  // A refused address says nothing about the permission
  const isSilent = seen === null || seen.fault?.kind === "ip_not_allowed";
  findings.set("scopes", isSilent ? notRun() : permissionFinding(seen.fault));
  findings.set("scope", seen?.scopes ? scopeFinding(seen.scopes) : notRun());
}

/** Runs the basic checks with the stored token, or a connection test if there is none. @throws as `checkByTest` */
export async function checkByToken(context: CallContext, dingtalk: Dingtalk): Promise<BasicChecks> {
  const caller = await callerOf(context.actor, context.appId);
  if (!(await resultOf(caller.token.current())).ok) return checkByTest(context);
  const outcome = await resultOf(getScopes(dingtalk, caller));
  const [scopes, fault] = outcome.ok ? [outcome.value, null] : [null, outcome.error];
  const findings: Findings = new Map();
  findings.set("egress", egressFinding(fault));
  addScopes(findings, { scopes, fault });
  return { findings, caller: fault?.kind === "ip_not_allowed" ? null : caller, scopes, children: null };
}
