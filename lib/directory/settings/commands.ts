import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { type DirectorySettings, readSettings } from "./directory-settings";

/** Changes the directory settings of an app. A running sync keeps its settings. */
export async function changeDirectorySettings(
  { organizationId }: Actor<"app.change">,
  appId: string,
  settings: DirectorySettings,
): Promise<void> {
  if (!isUuid(appId)) throw notFound("app");
  const data = {
    ...settings,
    includeIds: settings.includeIds.map(BigInt),
    excludeIds: settings.excludeIds.map(BigInt),
  };
  await inOrganization({ organizationId }, async (tx) => {
    const where = { organizationId, id: appId };
    if ((await tx.dingtalkApp.count({ where })) === 0) throw notFound("app");
    await tx.directorySettings.upsert({
      where: { organizationId_appId: { organizationId, appId } },
      create: { organizationId, appId, ...data },
      update: data,
    });
  });
}

/** A chosen department with its name; `null` for a department that isn't stored. */
export type ChosenDepartment = { readonly id: string; readonly name: string | null };

export type ShownSettings = DirectorySettings & {
  readonly include: readonly ChosenDepartment[];
  readonly exclude: readonly ChosenDepartment[];
};

export function getDirectorySettings(
  { organizationId }: Actor<"app.read">,
  appId: string,
): Promise<ShownSettings> {
  return inOrganizationSql({ organizationId }, async (client) => {
    const settings = await readSettings(client, { organizationId, appId });
    const { includeIds, excludeIds } = settings;
    const { rows } = await client.query<{ id: string; name: string }>(
      `SELECT department_id::text AS id, name FROM department
       WHERE organization_id = $1 AND app_id = $2 AND department_id = ANY($3::bigint[])`,
      [organizationId, appId, [...includeIds, ...excludeIds]],
    );
    const names = new Map(rows.map(({ id, name }) => [id, name]));
    const named = (ids: readonly string[]) => ids.map((id) => ({ id, name: names.get(id) ?? null }));
    return { ...settings, include: named(includeIds), exclude: named(excludeIds) };
  });
}
