import "server-only";
import type pg from "pg";
import { type KeyRing, open, type SealContext } from "@/lib/crypto/envelope";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import { walkOrganizations } from "@/lib/jobs/walk-organizations";
import { SEALED_PLACES, type SealedPlace } from "./sealed-places";

/** A key's id as an envelope names it (`keyIdOf`); what is too short to be one has none. `escape` never fails. */
const keyIdIn = (column: string) =>
  `CASE WHEN octet_length(${column}) > 1 THEN encode(substring(${column} FROM 3 FOR get_byte(${column}, 1)), 'escape') ELSE '' END`;

/** One statement over all places, so that an organization costs one question. */
const overPlaces = (select: (place: SealedPlace) => string) =>
  SEALED_PLACES.map((place) => `(${select(place)})`).join(" UNION ALL ");

const COUNTS = overPlaces(
  ({ table, column }) => `
  SELECT '${table}.${column}' AS place, ${keyIdIn(column)} AS "keyId", count(*)::int AS count
  FROM ${table} WHERE organization_id = $1 AND ${column} IS NOT NULL GROUP BY 2`,
);

const SAMPLES = overPlaces(
  ({ table, column, row }) => `
  SELECT DISTINCT ON (2) '${table}' AS table, ${keyIdIn(column)} AS "keyId", '${column}' AS column, ${row}::text AS row,
    ${column} AS sealed
  FROM ${table} WHERE organization_id = $1 AND ${column} IS NOT NULL ORDER BY 2`,
);

/** How many values of a column are sealed with a key. */
export type KeyCount = { readonly place: string; readonly keyId: string; readonly count: number };

/** A sealed value, and where it lies. */
type Sample = Omit<SealContext, "organizationId"> & { readonly keyId: string; readonly sealed: Buffer };

/**
 * `walkOrganizations` that must not leave one out: it goes on behind a failure, and fails in the end.
 *
 * @throws what the first failing one threw; also when the signal stopped it
 */
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

/** Asks every organization, and hands on what it answers. */
async function askEach(
  statement: string,
  take: (row: pg.QueryResultRow, organizationId: string) => void,
  signal: AbortSignal,
): Promise<void> {
  await walkEveryOrganization(async (organizationId) => {
    const { rows } = await inOrganizationSql(
      { organizationId },
      (client) => client.query(statement, [organizationId]),
      LIMITS.bulk,
    );
    for (const row of rows) take(row, organizationId);
  }, signal);
}

/** Counts every sealed value there is, by column and key. Reads all of them: seconds for a million. */
export async function countByKey(signal: AbortSignal): Promise<KeyCount[]> {
  const counts = new Map<string, KeyCount>();
  await askEach(
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

/**
 * Which keys values are sealed with, and which of those this ring lacks or has another one for: a value of each
 * organization, column and key is tried.
 */
export async function keysInUse(
  ring: KeyRing,
  signal: AbortSignal,
): Promise<{ all: ReadonlySet<string>; lacking: ReadonlySet<string> }> {
  const [all, lacking] = [new Set<string>(), new Set<string>()];
  await askEach(
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
