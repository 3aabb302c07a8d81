import pg from "pg";
import type { Redacted } from "@/lib/redacted";
import { secretContext, ticketContext } from "@/lib/secrets/app-secret";
import { openSecret } from "@/lib/secrets/sealed-secrets";
import { openToken } from "@/lib/tokens/store/stored-token";
import { findInQueue } from "./queue-contents";

// Not imported, because every database test would then depend on the ticket code.
const TICKET = { name: "jsapi_ticket", column: "sealed_ticket" } as const;

type Sealed = { readonly organization_id: string; readonly id: string; readonly sealed: Buffer };

/** Returns `null` for a value that was sealed with another test's key and can't have leaked here. */
function opened(open: () => Redacted | null): string | null {
  try {
    return open()?.reveal() ?? null;
  } catch {
    return null;
  }
}

/** Returns the secrets, tickets and tokens that this process's keys open. */
async function readSealed(admin: pg.ClientBase): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const secrets = await admin.query<Sealed>(
    "SELECT organization_id, id, sealed_secret AS sealed FROM dingtalk_app",
  );
  for (const { organization_id: organizationId, id, sealed } of secrets.rows) {
    const secret = opened(() => openSecret(secretContext(organizationId, id), sealed));
    if (secret !== null) values.set(secret, "an app's secret");
  }
  const suiteTickets = await admin.query<Sealed>(
    "SELECT organization_id, id, sealed_suite_ticket AS sealed FROM dingtalk_app WHERE sealed_suite_ticket IS NOT NULL",
  );
  for (const { organization_id: organizationId, id, sealed } of suiteTickets.rows) {
    const ticket = opened(() => openSecret(ticketContext(organizationId, id), sealed));
    if (ticket !== null) values.set(ticket, "an app's suite ticket");
  }
  const tokens = await admin.query<Sealed>(
    "SELECT organization_id, app_id AS id, sealed_token AS sealed FROM app_token WHERE sealed_token IS NOT NULL",
  );
  for (const { organization_id: organizationId, id, sealed } of tokens.rows) {
    const token = opened(() => openToken({ organizationId, appId: id }, sealed));
    if (token !== null) values.set(token, "an app's token");
  }
  const tickets = await admin.query<Sealed>(
    "SELECT organization_id, app_id AS id, sealed_ticket AS sealed FROM jsapi_ticket WHERE sealed_ticket IS NOT NULL",
  );
  for (const { organization_id: organizationId, id, sealed } of tickets.rows) {
    const ticket = opened(() => openToken({ organizationId, appId: id }, sealed, TICKET));
    if (ticket !== null) values.set(ticket, "an app's ticket");
  }
  return values;
}

/** Runs `findInQueue`, also for secrets and tokens of this process's apps. @throws {Error} if it finds a value */
export async function assertCleanQueue(adminUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    const found = await findInQueue(admin, await readSealed(admin));
    if (found.length > 0)
      throw new Error(`S18: tables outside row security contain guarded values: ${found.join("; ")}`);
  } finally {
    await admin.end();
  }
}
