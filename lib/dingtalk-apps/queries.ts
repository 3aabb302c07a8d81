import "server-only";
import { cache } from "react";
import type { Actor } from "@/lib/auth/actor";
import { columns } from "@/lib/db/columns";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { AppKind, AppState } from "@/prisma/generated/enums";

/** An app as pages show it: without its secret, but with the secret's last four characters. */
export type App = {
  readonly id: string;
  readonly kind: AppKind;
  readonly name: string;
  /** For third-party apps, the SuiteKey. */
  readonly appKey: string;
  readonly secretTail: string;
  /** When the current suite ticket arrived; `null` without one. Only third-party apps have suite tickets. */
  readonly suiteTicketAt: Date | null;
  readonly corpId: string | null;
  readonly agentId: string | null;
  readonly state: AppState;
  readonly stateSince: Date;
  /** Result of `DingtalkError.describe()`, if the state is not *verified*. */
  readonly stateReason: unknown;
  /** Time of the next call to the API that refuses the app; `null` if none does. */
  readonly probeAt: Date | null;
  readonly verifiedAt: Date | null;
  readonly disabledAt: Date | null;
  readonly disabledBy: string | null;
  readonly syncEveryHours: number;
  /** DingTalk's rate limit per API; `null` for the server's default. */
  readonly callsPerSecond: number | null;
  readonly callsPerMonth: number;
  /** Origins whose pages may be signed for JSAPI; empty for any origin. */
  readonly jsapiOrigins: readonly string[];
  readonly activeRunId: string | null;
  readonly lastSeenAt: Date | null;
  readonly createdAt: Date;
};

const SHOWN = {
  id: true,
  kind: true,
  name: true,
  appKey: true,
  secretTail: true,
  suiteTicketAt: true,
  corpId: true,
  agentId: true,
  state: true,
  stateSince: true,
  stateReason: true,
  probeAt: true,
  verifiedAt: true,
  disabledAt: true,
  disabledBy: true,
  syncEveryHours: true,
  callsPerSecond: true,
  callsPerMonth: true,
  jsapiOrigins: true,
  activeRunId: true,
  lastSeenAt: true,
  createdAt: true,
} as const;

const LIST = `
  SELECT ${columns(SHOWN, "a")} FROM dingtalk_app a WHERE a.organization_id = $1 ORDER BY a.created_at`;

/** Cached per request, because the layout and the page both list the apps. */
const readApps = cache((organizationId: string) =>
  readTogether<App>({ organizationId }, LIST, [organizationId]),
);

export const listApps = ({ organizationId }: Actor<"app.read">): Promise<readonly App[]> =>
  readApps(organizationId);

const READ = `SELECT ${columns(SHOWN, "a")} FROM dingtalk_app a WHERE a.organization_id = $1 AND a.id = $2`;

/** @throws {AppError} `not_found` for a malformed ID, as for an unknown one */
export function assertAppId(appId: string): void {
  if (!isUuid(appId)) throw notFound("app");
}

/** @throws {AppError} `not_found`, also for another organization's app and a malformed ID */
export async function getApp({ organizationId }: Actor<"app.read">, appId: string): Promise<App> {
  assertAppId(appId);
  const [app] = await readTogether<App>({ organizationId }, READ, [organizationId, appId]);
  if (!app) throw notFound("app");
  return app;
}
