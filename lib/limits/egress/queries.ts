import "server-only";
import { readTogether } from "@/lib/db/unit-of-work";

export type EgressBan = { readonly beganAt: Date; readonly endsAt: Date };

/**
 * Whether DingTalk has banned this server's address, so that no organization's calls get through; `null` for no. The
 * row is everybody's and not an organization's; a read of one row by its key, beside those of the page.
 *
 * @throws {AppError} `unavailable`
 */
export async function readEgressBan({
  organizationId,
}: {
  readonly organizationId: string;
}): Promise<EgressBan | null> {
  const [row] = await readTogether<EgressBan>(
    { organizationId },
    `SELECT began_at AS "beganAt", ends_at AS "endsAt" FROM egress_ban WHERE key = 'egress' AND ends_at > now()`,
    [],
  );
  return row ?? null;
}
