import "server-only";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";
import type { ApiKey } from "./api-key";

const WRITE_EVERY_MS = 5_000;

type Use = { readonly atMs: number; readonly address: string };

const WRITE = `
  UPDATE api_key k SET last_used_at = u.at, last_used_address = u.address
  FROM unnest($2::uuid[], $3::timestamptz[], $4::text[]) AS u (id, at, address)
  WHERE k.organization_id = $1 AND k.id = u.id AND (k.last_used_at IS NULL OR k.last_used_at < u.at)`;

/** Uses that were not written yet, by organization and key. */
type Gathered = { uses: Map<string, Map<string, Use>>; timer: NodeJS.Timeout | undefined };

const gathered = () =>
  processWide<Gathered>("auth.keys.lastUse", () => ({ uses: new Map(), timer: undefined }));

/** Notes that a key was used. Written every 5 s, in one statement for an organization. */
export function noteUse({ organizationId, keyId }: ApiKey, address: string): void {
  const state = gathered();
  const uses = state.uses.get(organizationId) ?? new Map<string, Use>();
  state.uses.set(organizationId, uses.set(keyId, { atMs: Date.now(), address }));
  state.timer ??= setTimeout(() => void writeUses(), WRITE_EVERY_MS).unref();
}

/** Writes what was gathered, at the end of the process too. Uses that can't be written are given up. */
export async function writeUses(): Promise<void> {
  const state = gathered();
  const { uses } = state;
  clearTimeout(state.timer);
  Object.assign(state, { uses: new Map(), timer: undefined });
  for (const [organizationId, byKey] of uses) {
    const ids = [...byKey.keys()];
    const values = [...byKey.values()];
    const [at, addresses] = [values.map(({ atMs }) => new Date(atMs)), values.map(({ address }) => address)];
    try {
      await inOrganizationSql({ organizationId }, (client) =>
        client.query(WRITE, [organizationId, ids, at, addresses]),
      );
    } catch (error) {
      log.warn("the last use of keys was not written", { organizationId, error });
    }
  }
}
