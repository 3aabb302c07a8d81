import "server-only";
import { pool } from "@/lib/db/clients";
import { shapeDatabaseError } from "@/lib/db/errors";

export type EgressBan = { readonly beganAt: Date; readonly endsAt: Date };

/**
 * Whether DingTalk has banned this server's address, so that no organization's calls get through; `null` for no. It is
 * everybody's to know, so nobody is asked who they are; a read of one row by its key.
 *
 * @throws {AppError} `unavailable`
 */
export async function readEgressBan(): Promise<EgressBan | null> {
  try {
    const { rows } = await pool().query<EgressBan>(
      `SELECT began_at AS "beganAt", ends_at AS "endsAt" FROM egress_ban WHERE key = 'egress' AND ends_at > now()`,
    );
    return rows[0] ?? null;
  } catch (error) {
    throw shapeDatabaseError(error);
  }
}
