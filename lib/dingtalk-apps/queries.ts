import "server-only";
import { cache } from "react";
import type { Actor } from "@/lib/auth/actor";
import { columns } from "@/lib/db/columns";
import { readTogether } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { AppKind, AppState } from "@/prisma/generated/enums";

/** What a page may know of an app. The secret is not among it, only its last four characters. */
export type App = {
  readonly id: string;
  readonly kind: AppKind;
  readonly name: string;
  /** A third-party app's SuiteKey. */
  readonly appKey: string;
  readonly secretTail: string;
  /** When a third-party app's suite ticket came; `null` before the first, and for every other kind. */
  readonly suiteTicketAt: Date | null;
  readonly corpId: string | null;
  readonly agentId: string | null;
  readonly state: AppState;
  readonly stateSince: Date;
  /** What `DingtalkError.describe()` said, when the state is not *verified*. */
  readonly stateReason: unknown;
  /** While DingTalk refuses it: when the API that does is called again. */
  readonly probeAt: Date | null;
  readonly verifiedAt: Date | null;
  /** While it is disabled: since when, and the e-mail of who did it, if it was a person. */
  readonly disabledAt: Date | null;
  readonly disabledBy: string | null;
  readonly syncEveryHours: number;
  /** What DingTalk allows each of its APIs; `null`: as the server is configured. */
  readonly callsPerSecond: number | null;
  /** Charged calls that its organization's edition allows in a month. */
  readonly callsPerMonth: number;
  /** Whose pages may be signed; none: any. */
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

/** Read once a page: the frame and the page both list them. */
const readApps = cache((organizationId: string) =>
  readTogether<App>({ organizationId }, LIST, [organizationId]),
);

/** The organization's apps, the oldest first. */
export const listApps = ({ organizationId }: Actor<"app.read">): Promise<readonly App[]> =>
  readApps(organizationId);

const READ = `SELECT ${columns(SHOWN, "a")} FROM dingtalk_app a WHERE a.organization_id = $1 AND a.id = $2`;

/** @throws {AppError} `not_found`, for another organization's app and for what is no id at all too */
export async function getApp({ organizationId }: Actor<"app.read">, appId: string): Promise<App> {
  if (!isUuid(appId)) throw notFound("app");
  const [app] = await readTogether<App>({ organizationId }, READ, [organizationId, appId]);
  if (!app) throw notFound("app");
  return app;
}
