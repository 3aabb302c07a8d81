import { readFileSync } from "node:fs";
import { E2E_RUN_FILE, type E2eRun } from "@/lib/testing/e2e-run";
import type { AppInput, FaultRuleInput } from "@/simulator/control";

export const e2eRun = (): E2eRun => JSON.parse(readFileSync(E2E_RUN_FILE, "utf8")) as E2eRun;

async function control<T>(method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${e2eRun().simulatorUrl}/_control/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`the simulator refused ${method} ${path}: ${response.status}`);
  return (await response.json()) as T;
}

/** Adds an app to the simulated organization, so that faults of one test affect no other test. */
export async function addSimulatedApp(app: Omit<AppInput, "corpId">): Promise<void> {
  const [organization] = await control<{ corpId: string }[]>("GET", "organizations");
  await control("POST", "apps", { ...app, corpId: organization?.corpId });
}

/** Makes calls of one app fail as the rule says while `work` runs. */
export async function withFault<T>(
  rule: FaultRuleInput & { readonly appKey: string },
  work: () => Promise<T>,
): Promise<T> {
  const { id } = await control<{ id: number }>("POST", "faults", rule);
  try {
    return await work();
  } finally {
    await control("DELETE", `faults/${id}`);
  }
}

/** Allows an app the older directory API, as for apps from before 2021. */
export const allowOlderApi = (appKey: string) =>
  control("PATCH", `apps/${appKey}`, { settings: { legacyDepartmentApi: "open" } });

/** Ends an app's tokens before their expiry. */
export const revokeTokens = (appKey: string) =>
  control("DELETE", `apps/${encodeURIComponent(appKey)}/tokens`);

/** Returns the newest calls of an app that the simulator recorded. */
export async function callsOf(appKey: string): Promise<readonly { readonly path: string }[]> {
  const query = new URLSearchParams({ appKey, callsMax: "1000" });
  return (await control<{ calls: { path: string }[] }>("GET", `calls?${query}`)).calls;
}

/** Credentials of a third-party app for the simulated organization. */
export type Suite = {
  readonly suiteKey: string;
  readonly suiteSecret: string;
  readonly suiteTicket: string;
  readonly corpId: string;
};

/** Adds a third-party app that the simulated organization has authorized. */
export async function addSimulatedSuite(
  suite: Omit<Suite, "corpId">,
  settings: AppInput["settings"] = {},
): Promise<Suite> {
  const [organization] = await control<{ corpId: string }[]>("GET", "organizations");
  const corpId = organization?.corpId ?? "";
  const { suiteKey: appKey, suiteSecret: appSecret, suiteTicket } = suite;
  await control("POST", "apps", { appKey, appSecret, suiteTicket, corpId, kind: "isv", settings });
  return { ...suite, corpId };
}

/** Makes a new suite ticket, which invalidates the previous one. */
export const pushTicket = (suiteKey: string, suiteTicket: string) =>
  control("PATCH", `apps/${encodeURIComponent(suiteKey)}`, { suiteTicket });

/** Requests a third-party app's token. */
export async function requestSuiteToken({ corpId, ...suite }: Suite): Promise<string> {
  const response = await fetch(`${e2eRun().simulatorUrl}/v1.0/oauth2/corpAccessToken`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...suite, authCorpId: corpId }),
  });
  const { accessToken } = (await response.json()) as { accessToken?: string };
  if (!accessToken) throw new Error(`the simulator gave no token: ${response.status}`);
  return accessToken;
}

/** Requests an app's token. DingTalk returns the same one until it expires. */
export async function requestToken(app: { appKey: string; appSecret: string }): Promise<string> {
  const response = await fetch(`${e2eRun().simulatorUrl}/v1.0/oauth2/accessToken`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(app),
  });
  const { accessToken } = (await response.json()) as { accessToken?: string };
  if (!accessToken) throw new Error(`the simulator gave no token: ${response.status}`);
  return accessToken;
}
