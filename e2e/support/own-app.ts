import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

type Pair = { readonly appKey: string; readonly appSecret: string };

/** Calls the control API of the simulator that scripts/ci/e2e-server.ts started. */
async function control<T>(method: string, path: string, body?: object): Promise<T> {
  const { simulatorUrl } = JSON.parse(readFileSync(".build/e2e-run.json", "utf8")) as {
    simulatorUrl: string;
  };
  const response = await fetch(`${simulatorUrl}/_control/${path}`, {
    method,
    headers: { "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/**
 * Makes an app for one test, so that its changes affect no other test.
 *
 * @param patch differences from an app with all permissions, as in simulator/control-input.ts
 */
export async function makeSimulatedApp(patch: object = {}): Promise<Pair> {
  const [organization] = await control<{ corpId: string }[]>("GET", "organizations");
  const id = randomBytes(8).toString("hex");
  const pair = { appKey: `ding${id}`, appSecret: `secret-of-${id}` };
  await control("POST", "apps", { ...pair, corpId: organization?.corpId, ...patch });
  return pair;
}

/** Makes a DingTalk organization with an app for one test, so that its changes affect no other test. */
export async function makeSimulatedCompany(size: number): Promise<Pair & { readonly corpId: string }> {
  const corpId = `ding${randomBytes(8).toString("hex")}`;
  await control("POST", "organizations", { corpId, size, seed: 7 });
  return { corpId, ...(await makeSimulatedApp({ corpId })) };
}

type SimulatedDepartment = { readonly id: number; readonly parentId: number | null; readonly name: string };

export const listSimulatedDepartments = (corpId: string): Promise<SimulatedDepartment[]> =>
  control("GET", `organizations/${corpId}/departments`);

export const changeSimulatedDirectory = (corpId: string, changes: readonly object[]): Promise<unknown> =>
  control("POST", `organizations/${corpId}/changes`, { changes });

export const changeSimulatedApp = (appKey: string, patch: object): Promise<unknown> =>
  control("PATCH", `apps/${appKey}`, patch);

/** Makes every call of the app meet the fault. */
export const addFault = (appKey: string, fault: object): Promise<{ readonly id: number }> =>
  control("POST", "faults", { appKey, fault });

/** Makes every app's calls of a path meet the fault. */
export const addFaultForAll = (path: string, fault: object): Promise<{ readonly id: number }> =>
  control("POST", "faults", { path, fault });

export const removeFault = ({ id }: { readonly id: number }): Promise<unknown> =>
  control("DELETE", `faults/${id}`);

/** Configures an app's event subscription, as in DingTalk's developer console. @returns the check of the address */
export const subscribeEvents = (
  appKey: string,
  subscription: { readonly url: string; readonly token: string; readonly aesKey: string },
): Promise<object> => control("PUT", `apps/${appKey}/subscription`, subscription);

/** Chooses Stream mode for an app, as in DingTalk's developer console. */
export const subscribeStream = (appKey: string): Promise<unknown> =>
  control("PUT", `apps/${appKey}/stream-subscription`, {});
