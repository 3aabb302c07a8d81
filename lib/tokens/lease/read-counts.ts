import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { writeForMany } from "@/lib/db/unit-of-work";
import { log } from "@/lib/log";
import { processWide } from "@/lib/process-wide";

const WRITE_EVERY_MS = 5_000;
const HOUR_MS = 60 * 60_000;
/** While the database is away, more than these are not kept. */
const KEPT_MAX = 50_000;

/** Reads of one app by one key within one hour that were not written yet. */
type Count = AppRef & { readonly keyId: string; readonly hour: Date; reads: number };
type Gathered = { counts: Map<string, Count>; timer: NodeJS.Timeout | undefined };

const gathered = () => processWide<Gathered>("tokens.reads", () => ({ counts: new Map(), timer: undefined }));

/** Notes that a key read an app's token. Costs no round trip: all counts are written every 5 s, in one statement. */
export function countRead({ organizationId, appId }: AppRef, keyId: string, nowMs = Date.now()): void {
  const hour = new Date(nowMs - (nowMs % HOUR_MS));
  add({ organizationId, appId, keyId, hour, reads: 1 });
}

function add(count: Count): void {
  const state = gathered();
  const { counts } = state;
  const key = `${count.organizationId}/${count.appId}/${count.keyId}/${count.hour.getTime()}`;
  const held = counts.get(key);
  if (held) held.reads += count.reads;
  else if (counts.size < KEPT_MAX) counts.set(key, count);
  state.timer ??= setTimeout(() => void writeReads(), WRITE_EVERY_MS).unref();
}

/** Writes what was gathered, at the end of the process too. What can't be written now is written later. */
export async function writeReads(): Promise<void> {
  const state = gathered();
  const counts = [...state.counts.values()];
  clearTimeout(state.timer);
  Object.assign(state, { counts: new Map(), timer: undefined });
  if (counts.length === 0) return;
  try {
    await writeForMany("write_token_reads", counts);
  } catch (error) {
    log.warn("reads of tokens were not written", { error });
    for (const count of counts) add(count);
  }
}
