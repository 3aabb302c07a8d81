import "server-only";
import type pg from "pg";
import { headerOf, type KeyRing, open, type SealContext, SealError, seal } from "@/lib/crypto/envelope";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { SealedColumn } from "./sealed-columns";

const ROWS_PER_BATCH = 200;

/** Locks the next values of other keys, and skips locked rows. NO KEY lets others insert rows that reference these. */
const selectNext = ({ table, column, row, rowType }: SealedColumn) => `
  SELECT ${row}::text AS row, ${column} AS sealed FROM ${table}
  WHERE organization_id = $1::uuid AND ${column} IS NOT NULL AND substring(${column} FROM 1 FOR octet_length($2::bytea)) <> $2::bytea
    AND ($3::${rowType} IS NULL OR ${row} > $3::${rowType})
  ORDER BY ${row} LIMIT ${ROWS_PER_BATCH} FOR NO KEY UPDATE SKIP LOCKED`;

const write = ({ table, column, row, rowType }: SealedColumn) => `
  UPDATE ${table} AS t SET ${column} = n.sealed
  FROM unnest($2::${rowType}[], $3::bytea[]) AS n (row, sealed) WHERE t.organization_id = $1::uuid AND t.${row} = n.row`;

type Row = { readonly row: string; readonly sealed: Buffer };

export type Keys = { readonly ring: KeyRing; readonly keyId: string };

/** `last` is the last row of a full batch; `null` when no rows remain. */
type Batch = { readonly last: string | null; readonly resealed: number; readonly unopenable: number };

function resealValue({ ring, keyId }: Keys, place: SealContext, sealed: Buffer): Buffer | null {
  try {
    return seal(ring, place, open(ring, place, sealed), keyId);
  } catch (error) {
    // No key of the ring opens the value. It stays unchanged and is counted.
    if (error instanceof SealError) return null;
    throw error;
  }
}

async function resealBatch(
  client: pg.ClientBase,
  keys: Keys,
  { organizationId, place, after }: { organizationId: string; place: SealedColumn; after: string | null },
): Promise<Batch> {
  const { rows } = await client.query<Row>(selectNext(place), [organizationId, headerOf(keys.keyId), after]);
  const { table, column } = place;
  const resealed = rows.flatMap(({ row, sealed }) => {
    const newlySealed = resealValue(keys, { organizationId, table, row, column }, sealed);
    return newlySealed ? [{ row, sealed: newlySealed }] : [];
  });
  if (resealed.length > 0) {
    const values = [organizationId, resealed.map(({ row }) => row), resealed.map(({ sealed }) => sealed)];
    await client.query(write(place), values);
  }
  const isLast = rows.length < ROWS_PER_BATCH;
  return {
    last: isLast ? null : (rows.at(-1)?.row ?? null),
    resealed: resealed.length,
    unopenable: rows.length - resealed.length,
  };
}

/**
 * Reseals the values of other keys in a column of one organization. Each value names its key, so a restart continues.
 * @param afterEach is awaited after each batch; it may throw to stop
 * @returns the number of values that no key of the ring opens
 */
export async function resealColumn(
  keys: Keys,
  { organizationId, place }: { readonly organizationId: string; readonly place: SealedColumn },
  afterEach: (resealed: number, tookMs: number) => Promise<void>,
): Promise<number> {
  let unopenable = 0;
  for (let after: string | null = null, isMore = true; isMore; ) {
    const startedAt = performance.now();
    const work = (client: pg.ClientBase) => resealBatch(client, keys, { organizationId, place, after });
    const batch: Batch = await inOrganizationSql({ organizationId }, work, LIMITS.bulk);
    if (batch.resealed > 0) await afterEach(batch.resealed, performance.now() - startedAt);
    unopenable += batch.unopenable;
    after = batch.last;
    isMore = after !== null;
  }
  return unopenable;
}
