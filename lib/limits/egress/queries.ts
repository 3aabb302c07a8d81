import "server-only";
import { readTogether } from "@/lib/db/unit-of-work";

export type EgressBan = { readonly beganAt: Date; readonly endsAt: Date };

/** Returns the current ban of this server's address; `null` if there is none. @throws {AppError} `unavailable` */
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
