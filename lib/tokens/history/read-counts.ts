import "server-only";
import { type AppRef, parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { inOrganizationSql, writeForMany } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";

const WRITE_EVERY_MS = 5_000;
const HOUR_MS = 60 * 60_000;
/** Counts beyond these are dropped while the database is away. */
const PENDING_MAX = 50_000;

/** Reads of one app by one key within one hour that are not written yet. */
type Count = AppRef & { readonly keyId: string; readonly hour: Date; reads: number };
type Pending = { counts: Map<string, Count>; timer: NodeJS.Timeout | undefined };

const pending = () => processWide<Pending>("tokens.reads", () => ({ counts: new Map(), timer: undefined }));

/** Counts a read of an app's token. Takes no round trip: one statement writes all counts every 5 s. */
export function countRead({ organizationId, appId }: AppRef, keyId: string, nowMs = Date.now()): void {
  const hour = new Date(nowMs - (nowMs % HOUR_MS));
  add({ organizationId, appId, keyId, hour, reads: 1 });
}

function add(count: Count): void {
  const state = pending();
  const { counts } = state;
  const key = `${count.organizationId}/${count.appId}/${count.keyId}/${count.hour.getTime()}`;
  const existing = counts.get(key);
  if (existing) existing.reads += count.reads;
  else if (counts.size < PENDING_MAX) counts.set(key, count);
  state.timer ??= setTimeout(() => void writeReads(), WRITE_EVERY_MS).unref();
}

/** Writes the pending counts. A failed write is repeated with the next one. */
export async function writeReads(): Promise<void> {
  const state = pending();
  const counts = [...state.counts.values()];
  clearTimeout(state.timer);
  Object.assign(state, { counts: new Map(), timer: undefined });
  if (counts.length === 0) return;
  try {
    await writeForMany("write_token_reads", counts);
  } catch (error) {
    log.warn("token read counts not written", { error });
    for (const count of counts) add(count);
  }
}

export type HourOfReads = {
  readonly keyId: string;
  /** `null` for a deleted key. */
  readonly keyName: string | null;
  readonly hour: Date;
  readonly reads: number;
};

const LIST = `
  SELECT r.key_id AS "keyId", k.name AS "keyName", r.hour, r.reads
  FROM token_read_hour r LEFT JOIN api_key k ON k.organization_id = r.organization_id AND k.id = r.key_id
  WHERE r.organization_id = $1 AND r.app_id = $2 AND r.hour >= $3 ORDER BY r.hour, r.key_id`;

/** Lists the reads of an app's token by key and hour. Empty for an app of another organization. */
export function listReads(
  { organizationId }: Actor<"app.read">,
  appId: string,
  since: Date,
): Promise<HourOfReads[]> {
  const app = parseAppRef(organizationId, appId);
  return inOrganizationSql(app, async (client) => {
    const { rows } = await client.query<HourOfReads>(LIST, [organizationId, appId, since]);
    return rows;
  });
}
