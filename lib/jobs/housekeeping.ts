import "server-only";
import { pool } from "@/lib/db/clients";
import { inOrganizationSql, inPersonSql } from "@/lib/db/unit-of-work";
import type { JobHandler } from "./handler";
import { walkOrganizations } from "./walk-organizations";

/** Takes away counters and sessions that have run out. Nothing depends on it: each is checked where it is read. */
export const housekeepingJob: JobHandler<"housekeeping"> = async (_data, { signal }) => {
  await pool().query("DELETE FROM throttle WHERE expire < $1", [Date.now()]);
  await walkOrganizations(removeDeadSessions, signal);
};

/** Sessions are each person's own, also for us: an organization says only who its people are. */
async function removeDeadSessions(organizationId: string): Promise<void> {
  const people = await inOrganizationSql({ organizationId }, async (client) => {
    const { rows } = await client.query<{ user_id: string }>(
      "SELECT user_id FROM memberships WHERE organization_id = $1",
      [organizationId],
    );
    return rows;
  });
  for (const { user_id: userId } of people) {
    await inPersonSql({ userId }, (client) =>
      client.query("DELETE FROM sessions WHERE user_id = $1 AND expires_at < now()", [userId]),
    );
  }
}
