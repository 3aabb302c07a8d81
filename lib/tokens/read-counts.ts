import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";
import type { AppRef } from "./app-ref";

const WRITE_EVERY_MS = 5_000;
const HOUR_MS = 60 * 60_000;
/** While the database is away, more than these are not kept for an organization. */
const KEPT_MAX = 10_000;

/** Reads of one app by one key within one hour that were not written yet. */
type Count = { readonly appId: string; readonly keyId: string; readonly hourMs: number; reads: number };
type Counts = Map<string, Count>;
type Gathered = { byOrganization: Map<string, Counts>; timer: NodeJS.Timeout | undefined };

const gathered = () =>
  processWide<Gathered>("tokens.reads", () => ({ byOrganization: new Map(), timer: undefined }));

// In one order, so that two processes which write the same rows don't wait for each other. An app that is gone
// by now has no rows.
const WRITE = `
  INSERT INTO token_read_hour AS r (organization_id, app_id, key_id, hour, reads)
  SELECT a.organization_id, u.app_id, u.key_id, u.hour, u.reads
  FROM unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::int[]) AS u (app_id, key_id, hour, reads)
    JOIN dingtalk_app a ON a.organization_id = $1 AND a.id = u.app_id
  ORDER BY u.app_id, u.hour, u.key_id
  ON CONFLICT (organization_id, app_id, hour, key_id) DO UPDATE SET reads = r.reads + excluded.reads`;

/** Notes that a key read an app's token. Costs no round trip: written every 5 s, in one statement for an organization. */
export function countRead({ organizationId, appId }: AppRef, keyId: string, nowMs = Date.now()): void {
  const hourMs = nowMs - (nowMs % HOUR_MS);
  add(organizationId, { appId, keyId, hourMs, reads: 1 });
}

function add(organizationId: string, count: Count): void {
  const state = gathered();
  const counts: Counts = state.byOrganization.get(organizationId) ?? new Map();
  state.byOrganization.set(organizationId, counts);
  const key = `${count.appId}/${count.keyId}/${count.hourMs}`;
  const held = counts.get(key);
  if (held) held.reads += count.reads;
  else if (counts.size < KEPT_MAX) counts.set(key, count);
  state.timer ??= setTimeout(() => void writeReads(), WRITE_EVERY_MS).unref();
}

/** Writes what was gathered, at the end of the process too. What can't be written now is written later. */
export async function writeReads(): Promise<void> {
  const state = gathered();
  const { byOrganization } = state;
  clearTimeout(state.timer);
  Object.assign(state, { byOrganization: new Map(), timer: undefined });
  for (const [organizationId, counts] of byOrganization) {
    const all = [...counts.values()];
    try {
      await inOrganizationSql({ organizationId }, (client) =>
        client.query(WRITE, [
          organizationId,
          all.map(({ appId }) => appId),
          all.map(({ keyId }) => keyId),
          all.map(({ hourMs }) => new Date(hourMs)),
          all.map(({ reads }) => reads),
        ]),
      );
    } catch (error) {
      log.warn("reads of tokens were not written", { organizationId, error });
      for (const count of all) add(organizationId, count);
    }
  }
}
