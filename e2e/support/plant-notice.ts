import { randomUUID } from "node:crypto";
import { withDatabase } from "./database";
import { idsOf } from "./plant-run";

type Problem = { readonly state: "degraded" | "broken"; readonly reason: object };

/** Inserts a notice about a new problem of an app. @returns the notice's id */
export async function plantNotice(appPath: string, { state, reason }: Problem): Promise<string> {
  const [organizationId, appId] = idsOf(appPath);
  const id = randomUUID();
  await withDatabase((client) =>
    client.query(
      `INSERT INTO app_notice (organization_id, app_id, id, state, since, reason) VALUES ($1, $2, $3, $4, now(), $5)`,
      [organizationId, appId, id, state, JSON.stringify(reason)],
    ),
  );
  return id;
}

/** Ends the problem of a notice. */
export async function endNotices(appPath: string): Promise<void> {
  const values = idsOf(appPath);
  await withDatabase((client) =>
    client.query("UPDATE app_notice SET ended_at = now() WHERE organization_id = $1 AND app_id = $2", values),
  );
}
