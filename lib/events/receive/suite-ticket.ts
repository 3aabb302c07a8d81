import "server-only";
import type { ClientBase } from "pg";
import { scheduleAppJob } from "@/lib/jobs/send-job";
import type { Redacted } from "@/lib/redacted";
import { sealedTicketColumns } from "@/lib/secrets/app-credentials";
import type { SubscribedApp } from "./load-callback";

/** Locks the token's row before the app's, as `lockApp` demands. */
const RENEW_NOW = `
  UPDATE app_token SET renew_at = now() WHERE organization_id = $1 AND app_id = $2
    AND last_error ->> 'kind' = 'suite_ticket_stale'`;

const STORE = `
  UPDATE dingtalk_app SET sealed_suite_ticket = $3, suite_ticket_at = $4, updated_at = now()
  WHERE organization_id = $1 AND id = $2 AND kind = 'isv' AND (suite_ticket_at IS NULL OR suite_ticket_at < $4)`;

type PushedTicket = {
  readonly organizationId: string;
  readonly apps: readonly SubscribedApp[];
  readonly suiteTicket: Redacted;
  readonly at: Date;
};

/**
 * Stores a pushed suite ticket in all apps of the suite, in the caller's transaction, unless they have a newer one.
 * An app whose last ticket was refused renews its token at once.
 *
 * @see docs/dingtalk/events.md#events-of-third-party-apps
 */
export async function storeSuiteTicket(
  client: ClientBase,
  { organizationId, apps, suiteTicket, at }: PushedTicket,
): Promise<void> {
  for (const { appId } of apps) {
    const app = { organizationId, appId };
    const { sealedSuiteTicket, suiteTicketAt } = sealedTicketColumns(app, suiteTicket, at);
    const renewed = await client.query(RENEW_NOW, [organizationId, appId]);
    await client.query(STORE, [organizationId, appId, sealedSuiteTicket, suiteTicketAt]);
    if (renewed.rowCount === 1) await scheduleAppJob("token.renew", app, new Date(), client);
  }
}
