import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization, readTogether } from "@/lib/db/unit-of-work";
import type { StreamApp } from "@/lib/dingtalk/stream/open-connection";
import { env } from "@/lib/env";
import { openCredentials, STORED_CREDENTIALS } from "@/lib/secrets/app-credentials";
import type { SubscriptionRef } from "../subscription/callback-secrets";
import { SHARDS } from "./shards";

/** A subscription that needs a connection. Third-party apps have none. */
export type StreamRef = AppRef & SubscriptionRef;

type OwnStreams = { readonly shard: number; readonly streams: readonly StreamRef[] };

/** Computes the shard as `walkOrganizations` does. */
const STREAMS = `
  SELECT (abs(hashtext($1::uuid::text)::bigint) % ${SHARDS})::int AS shard, (
    SELECT coalesce(jsonb_agg(jsonb_build_object('subscriptionId', s.id, 'appId', a.id, 'organizationId', $1::uuid)), '[]')
    FROM event_subscription s
    JOIN dingtalk_app a ON a.organization_id = $1 AND a.id = s.app_id AND a.state <> 'disabled' AND a.kind <> 'isv'
    WHERE s.organization_id = $1 AND s.way = 'stream') AS streams`;

/** Loads an organization's shard and its subscriptions that need a connection. */
export async function loadStreams(organizationId: string): Promise<OwnStreams> {
  const [row] = await readTogether<OwnStreams>({ organizationId }, STREAMS, [organizationId]);
  if (!row) throw new Error("a query without a table returned no row");
  return row;
}

/** Loads the present secret of an app. @returns `null` if the app needs no connection */
export async function loadStreamApp({ organizationId, appId }: StreamRef): Promise<StreamApp | null> {
  const app = await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findFirst({
      where: { organizationId, id: appId, state: { not: "disabled" }, subscription: { way: "stream" } },
      select: { ...STORED_CREDENTIALS, callsPerSecond: true },
    }),
  );
  const credentials = app && openCredentials({ organizationId, appId }, app);
  if (!credentials || credentials.kind === "isv") return null;
  const { appKey, appSecret } = credentials;
  const callsPerSecond = app.callsPerSecond ?? env().DINGTALK_QPS;
  return { appKey, appSecret, limiterId: appKey, callsPerSecond };
}
