import "server-only";
import { inPersonSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";

const PAGE_ROWS = 500;
const PAGE = "SELECT id FROM organization_ids WHERE $1::uuid IS NULL OR id > $1::uuid ORDER BY id LIMIT $2";

/** Ids of organizations are readable to anyone inside, and nothing but ids: any scope will do. */
function readPage(after: string | null): Promise<string[]> {
  return inPersonSql({ userId: crypto.randomUUID() }, async (client) => {
    const { rows } = await client.query<{ id: string }>(PAGE, [after, PAGE_ROWS]);
    return rows.map(({ id }) => id);
  });
}

/**
 * Does something for every organization, one after another. One that fails is logged, and the others have
 * their turn all the same.
 */
export async function walkOrganizations(
  work: (organizationId: string) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  for (let after: string | null = null; ; ) {
    const page = await readPage(after);
    for (const organizationId of page) {
      signal.throwIfAborted();
      await work(organizationId).catch((error: unknown) =>
        log.error("a sweep failed for an organization", { organizationId, error }),
      );
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE_ROWS) return;
  }
}
