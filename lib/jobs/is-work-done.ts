import "server-only";
import { pool } from "@/lib/db/clients";
import { SCHEMA } from "./queues";

/** The sweep comes once a minute: of three in a row one has to have ended. */
const WITHIN = "3 minutes";
/** A worker says every 3 s that it is at work on a job, and is taken for gone after 10. */
const HEARD_WITHIN = "10 seconds";

const LAST = `
  SELECT EXISTS (SELECT FROM ${SCHEMA}.job WHERE name = 'sweep' AND (
    state = 'completed' AND completed_on > now() - interval '${WITHIN}'
    OR state = 'active' AND heartbeat_on > now() - interval '${HEARD_WITHIN}')) AS "isDone"`;

/**
 * Returns whether some worker of this database does its work: in this process, in another server, or by itself. A long
 * sweep counts as long as its worker says that it is at work.
 */
export async function isWorkDone(): Promise<boolean> {
  const { rows } = await pool().query<{ isDone: boolean }>(LAST);
  return rows[0]?.isDone ?? false;
}
