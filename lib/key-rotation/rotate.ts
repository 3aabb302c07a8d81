import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import { fingerprintOf } from "@/lib/crypto/envelope";
import { countByKey, type KeyCount, walkEveryOrganization } from "./count-keys";
import type { LiveProcess } from "./live-processes";
import { type Keys, resealColumn } from "./reseal";
import { SEALED_COLUMNS } from "./sealed-columns";

/** Longer than any unit of work that seals, so that values of an earlier key are committed after it. */
const SETTLE_MS = 15_000;
const POLL_MS = 1_000;
/** Pause after each batch, as a multiple of its duration. Leaves three quarters of the time to requests. */
const PAUSE_FACTOR = 3;

export type RotationOptions = {
  readonly signal: AbortSignal;
  readonly onResealed?: (resealed: number) => void;
  /** Receives the number of live processes that don't seal with the first key yet. */
  readonly onWaiting?: (processes: number) => void;
  readonly settleMs?: number;
  readonly pollMs?: number;
  readonly pauseFactor?: number;
};

async function untilAllSeal(live: LiveProcess, { ring, keyId }: Keys, options: RotationOptions) {
  const key = ring.get(keyId);
  const hash = key ? fingerprintOf(keyId, key) : "";
  for (;;) {
    options.signal.throwIfAborted();
    await live.heartbeat();
    const others = (await live.others()).filter(({ sealingHash }) => sealingHash !== hash);
    if (live.keyId === keyId && others.length === 0) return;
    options.onWaiting?.(others.length);
    await delay(options.pollMs ?? POLL_MS, undefined, { signal: options.signal });
  }
}

/** @returns the number of values that no key of the ring opens */
async function resealAll(
  keys: Keys,
  { signal, onResealed, pauseFactor = PAUSE_FACTOR }: RotationOptions,
): Promise<number> {
  let unopenable = 0;
  const afterEach = async (resealed: number, tookMs: number) => {
    onResealed?.(resealed);
    await delay(tookMs * pauseFactor, undefined, { signal });
  };
  await walkEveryOrganization(async (organizationId) => {
    for (const place of SEALED_COLUMNS) {
      signal.throwIfAborted();
      unopenable += await resealColumn(keys, { organizationId, place }, afterEach);
    }
  }, signal);
  return unopenable;
}

/**
 * Reseals all values once every live process seals with the key. Afterwards the other keys can be removed.
 * @returns the remaining values, which no key of the ring opens
 * @throws when the signal aborts; resealed values stay
 */
export async function rotate(live: LiveProcess, keys: Keys, options: RotationOptions): Promise<KeyCount[]> {
  await untilAllSeal(live, keys, options);
  const settledAt = performance.now() + (options.settleMs ?? SETTLE_MS);
  for (;;) {
    const isSettled = performance.now() >= settledAt;
    const unopenable = await resealAll(keys, options);
    const remaining = (await countByKey(options.signal)).filter(({ keyId }) => keyId !== keys.keyId);
    const count = remaining.reduce((sum, one) => sum + one.count, 0);
    if (isSettled && count === 0 && (await live.forgetOtherKeys(keys.keyId))) return [];
    if (isSettled && count > 0 && count === unopenable) return remaining;
    // The next pass finds rows that were locked, and values sealed before all processes changed.
    const pauseMs = Math.max(options.pollMs ?? POLL_MS, settledAt - performance.now());
    await delay(pauseMs, undefined, { signal: options.signal });
  }
}
