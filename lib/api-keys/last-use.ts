import "server-only";
import { writeForMany } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";
import type { ApiKey } from "./api-key";

const WRITE_EVERY_MS = 5_000;

type Use = {
  readonly organizationId: string;
  readonly keyId: string;
  readonly at: Date;
  readonly address: string;
};

/** Uses that were not written yet, by key. */
type Gathered = { uses: Map<string, Use>; timer: NodeJS.Timeout | undefined };

const gathered = () =>
  processWide<Gathered>("auth.keys.lastUse", () => ({ uses: new Map(), timer: undefined }));

/** Notes that a key was used. Costs no round trip: all keys' uses are written every 5 s, in one statement. */
export function noteUse({ organizationId, keyId }: ApiKey, address: string): void {
  const state = gathered();
  state.uses.set(keyId, { organizationId, keyId, at: new Date(), address });
  state.timer ??= setTimeout(() => void writeUses(), WRITE_EVERY_MS).unref();
}

/** Writes what was gathered, at the end of the process too. Uses that can't be written are given up. */
export async function writeUses(): Promise<void> {
  const state = gathered();
  const uses = [...state.uses.values()];
  clearTimeout(state.timer);
  Object.assign(state, { uses: new Map(), timer: undefined });
  if (uses.length === 0) return;
  try {
    await writeForMany("write_key_uses", uses);
  } catch (error) {
    log.warn("the last use of keys was not written", { error });
  }
}
