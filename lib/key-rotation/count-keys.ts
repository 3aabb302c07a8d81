import "server-only";
import type pg from "pg";
import { type KeyRing, open, type SealContext } from "@/lib/crypto/envelope";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { walkOrganizations } from "@/lib/jobs/walk-organizations";
import { SEALED_COLUMNS, type SealedColumn } from "./sealed-columns";

/** Returns SQL for `keyIdOf`, or `''` for a value that is too short. The encoding `escape` never fails. */
const keyIdIn = (column: string) =>
  `CASE WHEN octet_length(${column}) > 1 THEN encode(substring(${column} FROM 3 FOR get_byte(${column}, 1)), 'escape') ELSE '' END`;

const unionOfColumns = (select: (sealed: SealedColumn) => string) =>
  SEALED_COLUMNS.map((sealed) => `(${select(sealed)})`).join(" UNION ALL ");

const COUNTS = unionOfColumns(
  ({ table, column }) => `
  SELECT '${table}.${column}' AS place, ${keyIdIn(column)} AS "keyId", count(*)::int AS count
  FROM ${table} WHERE organization_id = $1 AND ${column} IS NOT NULL GROUP BY 2`,
);

const SAMPLES = unionOfColumns(
  ({ table, column, row }) => `
  SELECT DISTINCT ON (2) '${table}' AS table, ${keyIdIn(column)} AS "keyId", '${column}' AS column, ${row}::text AS row,
    ${column} AS sealed
  FROM ${table} WHERE organization_id = $1 AND ${column} IS NOT NULL ORDER BY 2`,
);

export type KeyCount = { readonly place: string; readonly keyId: string; readonly count: number };

type Sample = Omit<SealContext, "organizationId"> & { readonly keyId: string; readonly sealed: Buffer };

/** Calls `walkOrganizations`, continues after a failure and rejects at the end with the first error. */
export async function walkEveryOrganization(
  work: (organizationId: string) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const failures: unknown[] = [];
  await walkOrganizations(async (organizationId) => {
    await work(organizationId).catch((error: unknown) => failures.push(error));
  }, signal);
  if (failures.length > 0) throw failures[0];
}

async function queryEach(
  statement: string,
  onRow: (row: pg.QueryResultRow, organizationId: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await walkEveryOrganization(async (organizationId) => {
    const { rows } = await inOrganizationSql(
      { organizationId },
      (client) => client.query(statement, [organizationId]),
      LIMITS.bulk,
    );
    for (const row of rows) onRow(row, organizationId);
  }, signal);
}

export async function countByKey(signal: AbortSignal): Promise<KeyCount[]> {
  const counts = new Map<string, KeyCount>();
  await queryEach(
    COUNTS,
    (row) => {
      const { place, keyId, count } = row as KeyCount;
      const key = JSON.stringify([place, keyId]);
      counts.set(key, { place, keyId, count: count + (counts.get(key)?.count ?? 0) });
    },
    signal,
  );
  return [...counts.values()];
}

function isOpenable(ring: KeyRing, place: SealContext, sealed: Buffer): boolean {
  try {
    open(ring, place, sealed);
    return true;
  } catch {
    return false;
  }
}

/** Returns the ids of the keys in use and of those that the ring can't open. Opens one value per column and key. */
export async function keysInUse(
  ring: KeyRing,
  signal: AbortSignal,
): Promise<{ all: ReadonlySet<string>; lacking: ReadonlySet<string> }> {
  const [all, lacking] = [new Set<string>(), new Set<string>()];
  await queryEach(
    SAMPLES,
    (row, organizationId) => {
      const { keyId, sealed, ...place } = row as Sample;
      all.add(keyId);
      if (!isOpenable(ring, { organizationId, ...place }, sealed)) lacking.add(keyId);
    },
    signal,
  );
  return { all, lacking };
}
