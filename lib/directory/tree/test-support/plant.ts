import { randomUUID } from "node:crypto";
import type pg from "pg";
import { indexNames } from "../../search/index-names";
import { FORM } from "../../search/search-terms";

/** A department in a test, with defaults for absent fields. */
export type Planted = {
  readonly id: number | bigint;
  readonly parent?: number | bigint | null;
  readonly name?: string;
  readonly order?: bigint;
  readonly isRemoved?: boolean;
  readonly sourceIdentifier?: string;
};

export const FIRST_SEEN = "2026-03-02T01:02:03.000Z";
export const LAST_SEEN = "2026-11-20T14:17:00.000Z";

const INSERT = `
  INSERT INTO department (organization_id, app_id, department_id, parent_id, name, "order", source_identifier, extra,
    first_seen_at, changed_at, removed_at)
  SELECT $1, $2, id, parent, name, place, source, '{}', $8, $8, CASE WHEN removed THEN now() END
  FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[], $9::boolean[])
    AS row (id, parent, name, place, source, removed)`;

const nameOf = ({ id, name }: { readonly id: number | bigint; readonly name?: string | undefined }): string =>
  name ?? `部门 ${id}`;

/** Inserts departments as a sync would. @param client the superuser's */
export async function plantDepartments(
  client: pg.ClientBase,
  { organizationId, appId }: { readonly organizationId: string; readonly appId: string },
  departments: readonly Planted[],
): Promise<void> {
  const column = <T>(of: (one: Planted) => T) => departments.map(of);
  await client.query(INSERT, [
    organizationId,
    appId,
    column(({ id }) => String(id)),
    column(({ parent }) => (parent === undefined || parent === null ? null : String(parent))),
    column(nameOf),
    column(({ order }) => order?.toString() ?? null),
    column(({ sourceIdentifier }) => sourceIdentifier ?? null),
    FIRST_SEEN,
    column(({ isRemoved }) => isRemoved ?? false),
  ]);
  const names = departments.map(({ id, name }) => ({
    kind: "department" as const,
    id: String(id),
    name: nameOf({ id, name }),
  }));
  await indexNames(client, { organizationId, appId }, names);
}

/**
 * Inserts an app without a valid secret, which syncs only on request: a sweep during a test would start a sync that fails.
 * The secret's tail isn't hexadecimal, so that no UUID contains it.
 *
 * @param lastSeenAt `null` for an app that was never synced
 */
export async function plantApp(
  client: pg.ClientBase,
  organizationId: string,
  lastSeenAt: string | null = LAST_SEEN,
): Promise<string> {
  const appId = randomUUID();
  await client.query(
    `INSERT INTO dingtalk_app (organization_id, id, name, app_key, sealed_secret, secret_tail, state, last_seen_at, sync_every_hours,
       search_form, updated_at)
     VALUES ($1, $2, '生产通讯录', $3, '\\x00', 'x1y2', 'verified', $4, 0, $5, now())`,
    [organizationId, appId, `ding${appId}`, lastSeenAt, FORM],
  );
  return appId;
}

/** A member in a test. */
export type PlantedMember = {
  readonly id: string;
  readonly name: string;
  readonly departments?: readonly (number | bigint)[];
  readonly title?: string;
  readonly jobNumber?: string;
  readonly isRemoved?: boolean;
};

const INSERT_MEMBERS = `
  INSERT INTO member (organization_id, app_id, user_id, name, title, job_number, is_active, other_fields,
    since_revision, first_seen_at, changed_at, removed_at)
  SELECT $1, $2, id, name, title, number, true, '{}', 1, $8, $8, CASE WHEN removed THEN now() END
  FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[]) AS row (id, name, title, number, removed)`;
const INSERT_PLACES = `
  INSERT INTO member_place (organization_id, app_id, department_id, user_id, since_revision)
  SELECT $1, $2, department, id, 1 FROM unnest($3::bigint[], $4::text[]) AS row (department, id)`;

/** Inserts members as a sync would. @param client the superuser's */
export async function plantMembers(
  client: pg.ClientBase,
  { organizationId, appId }: { readonly organizationId: string; readonly appId: string },
  members: readonly PlantedMember[],
): Promise<void> {
  await client.query(INSERT_MEMBERS, [
    organizationId,
    appId,
    members.map(({ id }) => id),
    members.map(({ name }) => name),
    members.map(({ title }) => title ?? null),
    members.map(({ jobNumber }) => jobNumber ?? null),
    members.map(({ isRemoved }) => isRemoved ?? false),
    FIRST_SEEN,
  ]);
  const places = members.flatMap(({ id, departments = [] }) =>
    departments.map((at) => [String(at), id] as const),
  );
  await client.query(INSERT_PLACES, [
    organizationId,
    appId,
    places.map(([at]) => at),
    places.map(([, id]) => id),
  ]);
  await indexNames(
    client,
    { organizationId, appId },
    members.map(({ id, name, jobNumber }) => ({
      kind: "member",
      id,
      name,
      ...(jobNumber && { also: [jobNumber] }),
    })),
  );
}
