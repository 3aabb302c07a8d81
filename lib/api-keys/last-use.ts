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

type PendingUses = { uses: Map<string, Use>; timer: NodeJS.Timeout | undefined };

const pending = () =>
  processWide<PendingUses>("auth.keys.lastUse", () => ({ uses: new Map(), timer: undefined }));

/** Records the use of a key. One statement writes the uses of all keys every 5 s. */
export function recordUse({ organizationId, keyId }: ApiKey, address: string): void {
  const state = pending();
  state.uses.set(keyId, { organizationId, keyId, at: new Date(), address });
  state.timer ??= setTimeout(() => void writeUses(), WRITE_EVERY_MS).unref();
}

/** Writes the pending uses, also when the process ends. Uses that can't be written are dropped. */
export async function writeUses(): Promise<void> {
  const state = pending();
  const uses = [...state.uses.values()];
  clearTimeout(state.timer);
  Object.assign(state, { uses: new Map(), timer: undefined });
  if (uses.length === 0) return;
  try {
    await writeForMany("write_key_uses", uses);
  } catch (error) {
    log.warn("writing the last use of keys failed", { error });
  }
}
