import "server-only";
import type pg from "pg";
import { headerOf, type KeyRing, open, type SealContext, SealError, seal } from "@/lib/crypto/envelope";
import { inOrganizationSql, LIMITS } from "@/lib/db/unit-of-work";
import type { SealedPlace } from "./sealed-places";

const ROWS_PER_BATCH = 200;

/**
 * The next rows that another key sealed. Their lock keeps a change of the secret waiting for a moment, so none is ever
 * overwritten; what somebody changes or seals anew right now is passed over. The weaker kind of lock: rows that refer
 * to these may come meanwhile.
 */
const next = ({ table, column, row, rowType }: SealedPlace) => `
  SELECT ${row}::text AS row, ${column} AS sealed FROM ${table}
  WHERE organization_id = $1::uuid AND ${column} IS NOT NULL AND substring(${column} FROM 1 FOR octet_length($2::bytea)) <> $2::bytea
    AND ($3::${rowType} IS NULL OR ${row} > $3::${rowType})
  ORDER BY ${row} LIMIT ${ROWS_PER_BATCH} FOR NO KEY UPDATE SKIP LOCKED`;

const write = ({ table, column, row, rowType }: SealedPlace) => `
  UPDATE ${table} AS t SET ${column} = n.sealed
  FROM unnest($2::${rowType}[], $3::bytea[]) AS n (row, sealed) WHERE t.organization_id = $1::uuid AND t.${row} = n.row`;

type Row = { readonly row: string; readonly sealed: Buffer };

export type Keys = { readonly ring: KeyRing; readonly keyId: string };

/** What a batch came to; `last` is `null` when there is nothing behind it. */
type Batch = { readonly last: string | null; readonly resealed: number; readonly unopenable: number };

function sealAnew({ ring, keyId }: Keys, place: SealContext, sealed: Buffer): Buffer | null {
  try {
    return seal(ring, place, open(ring, place, sealed), keyId);
  } catch (error) {
    // This ring doesn't open it. It is left as it is, and told of.
    if (error instanceof SealError) return null;
    throw error;
  }
}

async function resealBatch(
  client: pg.ClientBase,
  keys: Keys,
  { organizationId, place, after }: { organizationId: string; place: SealedPlace; after: string | null },
): Promise<Batch> {
  const { rows } = await client.query<Row>(next(place), [organizationId, headerOf(keys.keyId), after]);
  const { table, column } = place;
  const anew = rows.flatMap(({ row, sealed }) => {
    const made = sealAnew(keys, { organizationId, table, row, column }, sealed);
    return made ? [{ row, sealed: made }] : [];
  });
  if (anew.length > 0) {
    const values = [organizationId, anew.map(({ row }) => row), anew.map(({ sealed }) => sealed)];
    await client.query(write(place), values);
  }
  const isLast = rows.length < ROWS_PER_BATCH;
  return {
    last: isLast ? null : (rows.at(-1)?.row ?? null),
    resealed: anew.length,
    unopenable: rows.length - anew.length,
  };
}

/**
 * Seals with one key what other keys sealed in a column of one organization, a batch in each unit of work. It keeps no
 * place where it was: what is done is known by its key.
 *
 * @param afterEach is waited for after each batch, told how many it were and how long they took; it may throw to stop
 * @returns how many were left because no key of the ring opens them
 */
export async function resealPlace(
  keys: Keys,
  { organizationId, place }: { readonly organizationId: string; readonly place: SealedPlace },
  afterEach: (resealed: number, tookMs: number) => Promise<void>,
): Promise<number> {
  let left = 0;
  for (let after: string | null = null, isMore = true; isMore; ) {
    const startedAt = performance.now();
    const work = (client: pg.ClientBase) => resealBatch(client, keys, { organizationId, place, after });
    const batch: Batch = await inOrganizationSql({ organizationId }, work, LIMITS.bulk);
    if (batch.resealed > 0) await afterEach(batch.resealed, performance.now() - startedAt);
    left += batch.unopenable;
    after = batch.last;
    isMore = after !== null;
  }
  return left;
}
