import "server-only";
import { pool } from "@/lib/db/connection-pools";
import { SCHEMA } from "./queues";

/** The sweep runs once a minute. One of three in a row must have completed. */
const COMPLETED_WITHIN = "3 minutes";
const HEARTBEAT_WITHIN = "10 seconds";

const LATEST_SWEEP = `
  SELECT EXISTS (SELECT FROM ${SCHEMA}.job WHERE name = 'sweep' AND (
    state = 'completed' AND completed_on > now() - interval '${COMPLETED_WITHIN}'
    OR state = 'active' AND heartbeat_on > now() - interval '${HEARTBEAT_WITHIN}')) AS "isRunning"`;

/** Returns whether any process runs the jobs of this database, judged by the latest sweep. */
export async function isWorkerRunning(): Promise<boolean> {
  const { rows } = await pool().query<{ isRunning: boolean }>(LATEST_SWEEP);
  return rows[0]?.isRunning ?? false;
}
