import "server-only";
import { createHmac, randomBytes } from "node:crypto";
import type pg from "pg";
import {
  type KeyRing,
  keyIdOf,
  open,
  parseKeyRing,
  type SealContext,
  SealError,
  seal,
} from "@/lib/crypto/envelope";
import { pool } from "@/lib/db/connection-pools";
import { shapeDatabaseError } from "@/lib/db/errors";
import { env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";

const ROW = 1;
const PLACE: SealContext = { organizationId: "", table: "counter_key", row: String(ROW), column: "sealed" };
const KEY_BYTES = 32;

const READ = "SELECT sealed FROM counter_key WHERE id = $1";
const INSERT = "INSERT INTO counter_key (id, sealed) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
const REPLACE = "UPDATE counter_key SET sealed = $2 WHERE id = $1";

type Queryable = Pick<pg.ClientBase, "query"> | Pick<pg.Pool, "query">;

const cached = () => processWide("db.counterKey", (): { key: Promise<string> | null } => ({ key: null }));

const makeKey = () => randomBytes(KEY_BYTES).toString("base64url");

async function readSealed(client: Queryable): Promise<Buffer | null> {
  const { rows } = await client.query<{ sealed: Buffer }>(READ, [ROW]);
  return rows[0]?.sealed ?? null;
}

/** @returns the key; `null` when it was sealed with a key that the ring lacks */
function openKey(ring: KeyRing, sealed: Buffer): string | null {
  try {
    return open(ring, PLACE, sealed);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** Seals the counter key with `keyId`, creating it if needed, and caches it. Runs under the lock of live processes. */
export async function resealCounterKey(client: pg.ClientBase, ring: KeyRing, keyId: string): Promise<void> {
  await client.query(INSERT, [ROW, seal(ring, PLACE, makeKey(), keyId)]);
  const sealed = await readSealed(client);
  const opened = sealed && openKey(ring, sealed);
  // A key that this ring cannot open is lost for every live process, so counting starts with a new one.
  const key = opened ?? makeKey();
  if (sealed === null || opened === null || keyIdOf(sealed) !== keyId)
    await client.query(REPLACE, [ROW, seal(ring, PLACE, key, keyId)]);
  cached().key = Promise.resolve(key);
}

/** Reads or creates the key in a process that is not registered as live, such as a script. */
async function findKey(): Promise<string> {
  const ring = parseKeyRing(env().ENCRYPTION_KEYS);
  try {
    await pool().query(INSERT, [ROW, seal(ring, PLACE, makeKey(), [...ring.keys()].at(-1))]);
    const sealed = await readSealed(pool());
    if (!sealed) throw new Error("the counter key has no row");
    return open(ring, PLACE, sealed);
  } catch (error) {
    throw shapeDatabaseError(error);
  }
}

/**
 * Returns the HMAC under which limits store a key, so that they contain no address or e-mail. Its key outlives
 * rotations of `NEXTAUTH_SECRET` and `ENCRYPTION_KEYS`.
 */
export async function hashedKey(key: string): Promise<string> {
  const state = cached();
  state.key ??= findKey().catch((error: unknown) => {
    state.key = null;
    throw error;
  });
  return createHmac("sha256", await state.key)
    .update(`throttle:${key}`)
    .digest("base64url");
}
