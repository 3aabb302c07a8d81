import "server-only";
import { inPersonSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";

const PAGE_ROWS = 500;
const PAGE = `
  SELECT id FROM organization_ids
  WHERE ($1::uuid IS NULL OR id > $1::uuid) AND abs(hashtext(id::text)::bigint) % $3::int = $4::int
  ORDER BY id LIMIT $2`;

/** One of `parts` equal shares of all organizations, numbered from 0. */
export type Share = { readonly part: number; readonly parts: number };

const EVERYONE: Share = { part: 0, parts: 1 };

/**
 * The share whose turn it is in a minute. Every organization has its turn once in `passMinutes`, and no minute has many.
 */
export const shareAt = (nowMs: number, passMinutes: number): Share => ({
  part: Math.floor(nowMs / 60_000) % passMinutes,
  parts: passMinutes,
});

/** Ids of organizations are readable to anyone inside, and nothing but ids: any scope will do. */
function readPage(after: string | null, { part, parts }: Share): Promise<string[]> {
  return inPersonSql({ userId: crypto.randomUUID() }, async (client) => {
    const { rows } = await client.query<{ id: string }>(PAGE, [after, PAGE_ROWS, parts, part]);
    return rows.map(({ id }) => id);
  });
}

/**
 * Calls `work` for each organization of a share, one after another. A failure is logged and does not keep the others from
 * their turn.
 *
 * @throws the signal's reason
 */
export async function walkOrganizations(
  work: (organizationId: string) => Promise<unknown>,
  signal: AbortSignal,
  share: Share = EVERYONE,
): Promise<void> {
  for (let after: string | null = null; ; ) {
    const page = await readPage(after, share);
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

/** What a feature does for one organization from time to time, by the name under which its failure is logged. */
export type Chores = Readonly<Record<string, (organizationId: string) => Promise<unknown>>>;

/**
 * Does an organization's chores at once, so that those that read by `readTogether` share a transaction. A chore that fails
 * is done again alone, since the read of another one may have failed its transaction. A second failure is logged.
 */
export async function doChores(organizationId: string, chores: Chores): Promise<void> {
  const failed: [string, Chores[string]][] = [];
  await Promise.all(
    Object.entries(chores).map(([chore, work]) =>
      work(organizationId).catch(() => failed.push([chore, work])),
    ),
  );
  for (const [chore, work] of failed) {
    await work(organizationId).catch((error: unknown) =>
      log.error("a chore failed for an organization", { organizationId, chore, error }),
    );
  }
}
