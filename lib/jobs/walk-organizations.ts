import "server-only";
import { asUserSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";

const PAGE_ROWS = 500;
const PAGE = `
  SELECT id FROM organization_ids
  WHERE ($1::uuid IS NULL OR id > $1::uuid) AND abs(hashtext(id::text)::bigint) % $3::int = $4::int
  ORDER BY id LIMIT $2`;

export type Share = { readonly part: number; readonly parts: number };

const ALL: Share = { part: 0, parts: 1 };

/** Returns the share of the current minute. Each organization has one such minute in every `passMinutes`. */
export const shareAt = (nowMs: number, passMinutes: number): Share => ({
  part: Math.floor(nowMs / 60_000) % passMinutes,
  parts: passMinutes,
});

/** Any scope may read the ids of all organizations, so this one uses a random person. */
function readPage(after: string | null, { part, parts }: Share): Promise<string[]> {
  return asUserSql({ userId: crypto.randomUUID() }, async (client) => {
    const { rows } = await client.query<{ id: string }>(PAGE, [after, PAGE_ROWS, parts, part]);
    return rows.map(({ id }) => id);
  });
}

/** Calls `work` for each organization of a share. Logs failures and continues. @throws the signal's reason */
export async function walkOrganizations(
  work: (organizationId: string) => Promise<unknown>,
  signal: AbortSignal,
  share: Share = ALL,
): Promise<void> {
  for (let after: string | null = null; ; ) {
    const page = await readPage(after, share);
    for (const organizationId of page) {
      signal.throwIfAborted();
      await work(organizationId).catch((error: unknown) =>
        log.error("organization visit failed", { organizationId, error }),
      );
    }
    after = page.at(-1) ?? null;
    if (page.length < PAGE_ROWS) return;
  }
}

export type OrganizationTasks = Readonly<Record<string, (organizationId: string) => Promise<unknown>>>;

/** Runs tasks in parallel, so that their reads share a transaction. A failed task is repeated alone, then logged. */
export async function runTasks(organizationId: string, tasks: OrganizationTasks): Promise<void> {
  const failed: [string, OrganizationTasks[string]][] = [];
  await Promise.all(
    Object.entries(tasks).map(([task, run]) => run(organizationId).catch(() => failed.push([task, run]))),
  );
  for (const [task, run] of failed) {
    await run(organizationId).catch((error: unknown) =>
      log.error("organization task failed", { organizationId, task, error }),
    );
  }
}
