import "server-only";
import type { ClientBase } from "pg";
import type { AppRef } from "@/lib/app-ref";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { JsonValue } from "@/lib/dingtalk/read-json";
import { canonicalJson } from "../canonical-json";
import { RunIsOver } from "../runs/run-errors";
import type { Scope } from "../runs/run-reasons";
import { type DirectorySettings, readSettings } from "../settings/directory-settings";
import { WHOLE_REFUSED_DAYS } from "./read/list-whole-tree";

export type StoredDirectory = {
  readonly settings: DirectorySettings;
  /** The app's scope at the last complete read; `null` before the first. */
  readonly scope: Scope | null;
  readonly triesWhole: boolean;
  readonly keepsPersonal: boolean;
};

/** The columns of a department that a sync compares. Ids and numbers are decimal text. */
export type DepartmentRow = {
  readonly departmentId: string;
  readonly parentId: string | null;
  readonly name: string;
  readonly order: string | null;
  readonly sourceIdentifier: string | null;
  /** JSON text with sorted keys, like `details`, so that equal values are equal texts. */
  readonly extra: string;
  readonly details: string | null;
};

export type StoredDepartment = DepartmentRow & {
  readonly isRemoved: boolean;
  /** Restored by a person, so a sync does not remove it. */
  readonly isKept: boolean;
  readonly sinceRevision: number;
  /** When the details were read, in milliseconds since the epoch; `null` for never. */
  readonly detailsAtMs: number | null;
};

/** The parents of stored departments that are not removed, by department. */
export type StoredParents = ReadonlyMap<string, string | null>;

/** The stored ids directly inside a department, without those that are removed, kept by a person or out of scope. */
export type StoredContents = {
  readonly children: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
};

type VerifyFigures = {
  readonly members: number;
  readonly turn: number;
  readonly leastCalls: Readonly<Record<string, number>> | null;
};

export type DirectoryStore = ReturnType<typeof directoryStore>;

/** Gives a run access to an app's stored directory. Each function has its own transaction. */
export function directoryStore(app: AppRef) {
  const ids = [app.organizationId, app.appId] as const;
  const interactive = <T>(work: (client: ClientBase) => Promise<T>) => inOrganizationSql(app, work);
  const inBulk = <T>(work: (client: ClientBase) => Promise<T>) => inOrganizationSql(app, work, LIMITS.bulk);

  return {
    loadDirectory: (): Promise<StoredDirectory> => interactive((client) => loadDirectory(client, app)),

    recordWholeListing: (listing: "allowed" | "not_allowed" | "too_large") =>
      interactive((client) => client.query(RECORD_WHOLE_LISTING, [...ids, listing])),

    /** Loads all departments, removed ones included. */
    loadDepartments: (): Promise<ReadonlyMap<string, StoredDepartment>> =>
      inBulk((client) => loadDepartments(client, app)),

    /** Counts the departments and members that are not removed. */
    countRows: async (): Promise<{ readonly departments: number; readonly members: number }> => {
      const { rows } = await interactive((client) =>
        client.query<{ departments: number; members: number }>(COUNT_ROWS, [...ids]),
      );
      return rows[0] ?? { departments: 0, members: 0 };
    },

    /** Loads the figures that bound a verify run, without the rows that a person keeps: DingTalk doesn't have them. */
    loadVerifyFigures: async (runId: string): Promise<VerifyFigures> => {
      const { rows } = await interactive((client) =>
        client.query<VerifyFigures>(VERIFY_FIGURES, [...ids, runId]),
      );
      if (!rows[0]) throw new RunIsOver();
      return rows[0];
    },

    /** Loads the departments that DingTalk should have, always in the same order. */
    loadDepartmentIds: async (): Promise<string[]> => {
      const { rows } = await inBulk((client) => client.query<{ id: string }>(DEPARTMENT_IDS, [...ids]));
      return rows.map(({ id }) => id);
    },

    /** Loads the ids directly inside the departments, by department. */
    loadContents: async (departmentIds: readonly string[]): Promise<ReadonlyMap<string, StoredContents>> => {
      const { rows } = await inBulk((client) => client.query<ContentsRow>(CONTENTS, [...ids, departmentIds]));
      return new Map(
        rows.map(({ id, children, members }) => [
          id,
          { children: new Set(children), members: new Set(members) },
        ]),
      );
    },
  };
}

type DirectoryRow = {
  readonly scope: Scope | null;
  readonly triesWhole: boolean | null;
  readonly keepsPersonal: boolean;
};

async function loadDirectory(client: ClientBase, app: AppRef): Promise<StoredDirectory> {
  const { rows } = await client.query<DirectoryRow>(
    `SELECT directory.scope, organization.keeps_personal AS "keepsPersonal",
       coalesce(directory.whole_listing = 'allowed', true)
         OR directory.whole_listing_at < now() - interval '${WHOLE_REFUSED_DAYS} days' AS "triesWhole"
     FROM organization
     LEFT JOIN directory ON directory.organization_id = $1 AND directory.app_id = $2
     WHERE organization.organization_id = $1`,
    [app.organizationId, app.appId],
  );
  const { scope = null, triesWhole, keepsPersonal = false } = rows[0] ?? {};
  return { settings: await readSettings(client, app), scope, triesWhole: triesWhole ?? true, keepsPersonal };
}

const RECORD_WHOLE_LISTING = `
  INSERT INTO directory (organization_id, app_id, whole_listing, whole_listing_at) VALUES ($1, $2, $3, now())
  ON CONFLICT (organization_id, app_id) DO UPDATE SET whole_listing = EXCLUDED.whole_listing,
    whole_listing_at = EXCLUDED.whole_listing_at
  WHERE directory.whole_listing IS DISTINCT FROM EXCLUDED.whole_listing OR EXCLUDED.whole_listing <> 'allowed'`;

export type LoadedDepartment = Omit<StoredDepartment, "extra" | "details"> & {
  readonly extra: JsonValue;
  readonly details: JsonValue;
};

/** Bounds memory: `extra` and `details` are objects until they become text. */
const ROWS_AT_ONCE = 5_000;

/** The columns of a `LoadedDepartment`. */
export const DEPARTMENT_COLUMNS = `department_id::text AS "departmentId", parent_id::text AS "parentId", name, "order"::text,
  source_identifier AS "sourceIdentifier", extra, details, removed_at IS NOT NULL AS "isRemoved",
  kept_at IS NOT NULL AS "isKept", since_revision AS "sinceRevision",
  (extract(epoch FROM details_at) * 1000)::float8 AS "detailsAtMs"`;

const DEPARTMENTS = `
  SELECT ${DEPARTMENT_COLUMNS} FROM department WHERE organization_id = $1 AND app_id = $2 AND department_id > $3::bigint
  ORDER BY department_id LIMIT ${ROWS_AT_ONCE}`;

async function loadDepartments(
  client: ClientBase,
  { organizationId, appId }: AppRef,
): Promise<ReadonlyMap<string, StoredDepartment>> {
  const stored = new Map<string, StoredDepartment>();
  for (let last: string | undefined = "0"; last !== undefined; ) {
    const { rows }: { rows: LoadedDepartment[] } = await client.query<LoadedDepartment>(DEPARTMENTS, [
      organizationId,
      appId,
      last,
    ]);
    for (const row of rows) stored.set(row.departmentId, toStored(row));
    last = rows.length < ROWS_AT_ONCE ? undefined : rows.at(-1)?.departmentId;
  }
  return stored;
}

export const toStored = (row: LoadedDepartment): StoredDepartment => ({
  ...row,
  extra: canonicalJson(row.extra),
  details: row.details === null ? null : canonicalJson(row.details),
});

export function storedParents(stored: ReadonlyMap<string, StoredDepartment>): StoredParents {
  const parents = new Map<string, string | null>();
  for (const [id, { parentId, isRemoved }] of stored) if (!isRemoved) parents.set(id, parentId);
  return parents;
}

const COUNT_ROWS = `
  SELECT (SELECT count(*) FROM department WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int
      AS departments,
    (SELECT count(*) FROM member WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL)::int AS members`;

const VERIFY_FIGURES = `
  SELECT
    (SELECT count(*) FROM member WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL
      AND kept_at IS NULL)::int AS members,
    (SELECT number FROM sync_run WHERE organization_id = $1 AND id = $3) AS turn,
    (SELECT least_calls FROM sync_run WHERE organization_id = $1 AND app_id = $2 AND state = 'succeeded'
      AND is_complete AND least_calls IS NOT NULL ORDER BY number DESC LIMIT 1) AS "leastCalls"`;

const DEPARTMENT_IDS = `
  SELECT department_id::text AS id FROM department
  WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL AND kept_at IS NULL ORDER BY department_id`;

type ContentsRow = { readonly id: string; readonly children: string[]; readonly members: string[] };

const CONTENTS = `
  SELECT requested.id::text AS id,
    ARRAY(SELECT d.department_id::text FROM department d WHERE d.organization_id = $1 AND d.app_id = $2
      AND d.parent_id = requested.id AND d.removed_at IS NULL AND d.kept_at IS NULL) AS children,
    ARRAY(SELECT p.user_id FROM member_place p JOIN member m ON m.organization_id = $1 AND m.app_id = $2
      AND m.user_id = p.user_id AND m.kept_at IS NULL
      WHERE p.organization_id = $1 AND p.app_id = $2 AND p.department_id = requested.id) AS members
  FROM unnest($3::bigint[]) AS requested (id)`;
