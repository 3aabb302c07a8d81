import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { Call } from "../call";

/** Makes a call of Dingkeep itself, or of the gateway with a `keyId`. */
export const makeCall = (app: AppRef, more: Partial<Call> = {}): Call => ({
  ...app,
  keyId: null,
  atMs: Date.now(),
  method: "POST",
  path: "topapi/v2/department/listsub",
  host: "oapi",
  outcome: "ok",
  status: 200,
  errcode: null,
  attempts: 1,
  throttles: 0,
  durationMs: 12,
  bytes: 345,
  requestId: "r-1",
  ...more,
});

/** Returns an organization's rows of a table. */
export async function storedRows<Row extends object>(
  { organizationId }: Pick<AppRef, "organizationId">,
  table: "logged_call" | "call_gap" | "call_month",
): Promise<Row[]> {
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<Row>(`SELECT * FROM ${table} WHERE organization_id = $1 ORDER BY 2`, [organizationId]),
  );
  return rows;
}
