import { afterAll, beforeAll, beforeEach } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { closeNotifications } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeOrganization, type TestMember } from "@/lib/testing/factories";
import { ensureToken } from "@/lib/tokens/renewal/ensure-token";
import { makeTokenService, type TokenService } from "@/lib/tokens/renewal/token-service";
import { makeTestDingtalk } from "@/lib/tokens/test-support/test-dingtalk";
import { type Simulator, startSimulator } from "@/simulator/start-simulator";
import { connectApp } from "../connect-app";
import { getApp } from "../queries";
import type { ConnectAppInput, CredentialsInput } from "../schema";

/** CorpIds of the simulated organizations: the owner of the apps, and another customer of the suites. */
export const [CORP, OTHER_CORP] = ["dingcorpofkinds", "dingothercorpofkinds"] as const;

const { signal } = new AbortController();
let addresses = 0;

export const makeAddress = () => `203.0.113.${++addresses}`;
export const makeOwner = async (): Promise<TestMember> => (await makeOrganization()).owner;

export type Kind = "internal" | "unified" | "isv";

export const inputOf = (credentials: CredentialsInput, more: { isDraft?: boolean; name?: string } = {}) =>
  ({
    corpId: null,
    name: "通讯录",
    agentId: null,
    isDraft: false,
    ...credentials,
    ...more,
  }) as ConnectAppInput;

export const connect = (owner: TestMember, input: ConnectAppInput) =>
  connectApp(grant(owner, "app.connect"), input, makeAddress());

/** @throws {Error} if the app can't be connected */
export async function connected(owner: TestMember, input: ConnectAppInput): Promise<AppRef> {
  const outcome = await connect(owner, input);
  if (!outcome.ok) throw new Error(`set-up failed: ${outcome.error.code}`);
  return { organizationId: owner.organizationId, appId: outcome.value.appId };
}

export const appOf = (owner: TestMember, { appId }: AppRef) => getApp(grant(owner, "app.read"), appId);

/** Sets up a simulated DingTalk and a token service for tests of all kinds of apps. */
export function kindTests() {
  let simulator: Simulator;
  let service: TokenService;
  beforeAll(async () => {
    simulator = await startSimulator({
      organizations: [
        { corpId: CORP, size: 12 },
        { corpId: OTHER_CORP, size: 3 },
      ],
      limits: { appApiPerSecond: null, suiteCorpApiPerSecond: null },
    });
    Object.assign(process.env, { DINGTALK_OAPI_URL: simulator.url, DINGTALK_API_URL: simulator.url });
  });
  afterAll(async () => {
    await simulator.close();
    await closeNotifications();
  });
  beforeEach(() => {
    service = makeTokenService(makeTestDingtalk(simulator.url));
  });

  /** Adds an app to the simulator and returns its credentials as form input. */
  function makeCredentials(kind: Kind): CredentialsInput & { readonly key: string } {
    const id = crypto.randomUUID().slice(0, 8);
    const [key, secret, suiteTicket] = [`ding${id}`, `secret-of-${id}-xyz`, `ticket-of-${id}`];
    const isSuite = kind === "isv";
    simulator.control.addApp({
      appKey: key,
      appSecret: secret,
      corpId: CORP,
      kind: isSuite ? "isv" : "internal",
      customers: isSuite ? [OTHER_CORP] : [],
      suiteTicket,
    });
    if (kind === "internal") return { kind, appKey: key, appSecret: secret, key };
    if (kind === "unified") return { kind, appKey: key, appSecret: secret, corpId: CORP, key };
    return { kind, suiteKey: key, suiteSecret: secret, suiteTicket, corpId: CORP, key };
  }

  return {
    simulator: {
      get url() {
        return simulator.url;
      },
      get control() {
        return simulator.control;
      },
    },
    service: () => service,
    makeCredentials,
    /** Renews the app's token as its job does. */
    async renew(app: AppRef): Promise<void> {
      await inOrganization(app, (tx) =>
        tx.appToken.updateMany({
          where: { organizationId: app.organizationId },
          data: { renewAt: new Date(0) },
        }),
      );
      await ensureToken(service, app, { for: "schedule" }, signal);
    },
  };
}
