import "server-only";
import type { ClientBase } from "pg";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";

/** Reads one app's directory inside a unit of work, in the present or as it was after a revision. */
export type DirectoryReader = {
  readonly client: ClientBase;
  /** `$1` and `$2` of every statement. */
  readonly scope: readonly [organizationId: string, appId: string];
  /** The revision to read. The present when absent. */
  readonly at?: number;
};

/** Runs `work` on the directory of one app. @throws {AppError} `not_found`, also for another organization's app */
export async function inDirectory<T>(
  { organizationId }: Actor<"directory.read">,
  appId: string,
  work: (reader: DirectoryReader) => Promise<T>,
): Promise<T> {
  if (!isUuid(appId)) throw notFound("app");
  const scope = [organizationId, appId] as const;
  return inOrganizationSql({ organizationId }, async (client) => {
    const reader = { client, scope };
    // A deleted app's rows remain until a job erases them
    await assertApp(reader);
    return work(reader);
  });
}

async function assertApp({ client, scope }: DirectoryReader): Promise<void> {
  const { rowCount } = await client.query("SELECT FROM dingtalk_app WHERE organization_id = $1 AND id = $2", [
    ...scope,
  ]);
  if (rowCount === 0) throw notFound("app");
}
