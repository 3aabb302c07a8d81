import "server-only";
import { pool } from "@/lib/db/clients";
import { SCHEMA } from "./queues";

/** The sweep comes once a minute: of three in a row one has to have ended. */
const WITHIN = "3 minutes";

const LAST = `
  SELECT EXISTS (SELECT FROM ${SCHEMA}.job WHERE name = 'sweep' AND state = 'completed'
    AND completed_on > now() - interval '${WITHIN}') AS "isDone"`;

/** Whether some worker of this database does its work: in this process, in another server, or by itself. */
export async function isWorkDone(): Promise<boolean> {
  const { rows } = await pool().query<{ isDone: boolean }>(LAST);
  return rows[0]?.isDone ?? false;
}
