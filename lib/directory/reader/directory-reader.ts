import "server-only";
import type { ClientBase } from "pg";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";

/** One app's directory inside a unit of work: what every statement of this folder names. */
export type DirectoryReader = {
  readonly client: ClientBase;
  /** `$1` and `$2` of every statement. */
  readonly scope: readonly [organizationId: string, appId: string];
  /** The revision after which it is read; none: the present. */
  readonly at?: number;
};

/**
 * Runs `work` on the directory of one app.
 *
 * @throws {AppError} `not_found`, for another organization's app and for what is no id at all too
 */
export async function inDirectory<T>(
  { organizationId }: Actor<"directory.read">,
  appId: string,
  work: (reader: DirectoryReader) => Promise<T>,
): Promise<T> {
  if (!isUuid(appId)) throw notFound("app");
  const scope = [organizationId, appId] as const;
  return inOrganizationSql({ organizationId }, async (client) => {
    const reader = { client, scope };
    // What is left of an app that is gone is nobody's any more
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
