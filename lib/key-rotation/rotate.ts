import "server-only";
import { setTimeout as delay } from "node:timers/promises";
import { fingerprintOf } from "@/lib/crypto/envelope";
import { countByKey, type KeyCount, walkEveryOrganization } from "./count-keys";
import type { LiveProcess } from "./live-process";
import { type Keys, resealPlace } from "./reseal";
import { SEALED_PLACES } from "./sealed-places";

/** Longer than any unit of work in which something is sealed: what was sealed before everybody changed is then there. */
const SETTLE_MS = 15_000;
const LOOK_EVERY_MS = 1_000;
/** Times as long as it took to seal a batch: those who serve have three quarters of the time. */
const REST = 3;

export type RotationOptions = {
  /** Ends it after the batch that runs; another call goes on from there. */
  readonly signal: AbortSignal;
  /** Told of every batch. */
  readonly onResealed?: (resealed: number) => void;
  /** Told how many live processes lack the first key, while it waits for them. */
  readonly onWaiting?: (processes: number) => void;
  readonly settleMs?: number;
  readonly lookEveryMs?: number;
  readonly rest?: number;
};

/** Waits until the ring's first key writes, in every live process. */
async function untilAllSeal(live: LiveProcess, { ring, keyId }: Keys, options: RotationOptions) {
  const key = ring.get(keyId);
  const hash = key ? fingerprintOf(keyId, key) : "";
  for (;;) {
    options.signal.throwIfAborted();
    await live.beat();
    const late = (await live.others()).filter(({ sealingHash }) => sealingHash !== hash);
    if (live.keyId === keyId && late.length === 0) return;
    options.onWaiting?.(late.length);
    await delay(options.lookEveryMs ?? LOOK_EVERY_MS, undefined, { signal: options.signal });
  }
}

/** @returns how many values this ring doesn't open */
async function pass(keys: Keys, { signal, onResealed, rest = REST }: RotationOptions): Promise<number> {
  let unopenable = 0;
  const afterEach = async (resealed: number, tookMs: number) => {
    onResealed?.(resealed);
    await delay(tookMs * rest, undefined, { signal });
  };
  await walkEveryOrganization(async (organizationId) => {
    for (const place of SEALED_PLACES) {
      signal.throwIfAborted();
      unopenable += await resealPlace(keys, { organizationId, place }, afterEach);
    }
  }, signal);
  return unopenable;
}

/**
 * Seals everything with the ring's first key, once every live process has it, while they go on serving. Several may do
 * it at once. When nothing else is left, the other keys are forgotten and may be taken out of every ring.
 *
 * @returns what other keys still seal: nothing, or what no key of the ring opens
 * @throws when the signal stopped it; what was done stays done
 */
export async function rotate(live: LiveProcess, keys: Keys, options: RotationOptions): Promise<KeyCount[]> {
  await untilAllSeal(live, keys, options);
  const settledAt = performance.now() + (options.settleMs ?? SETTLE_MS);
  for (;;) {
    const isSettled = performance.now() >= settledAt;
    const unopenable = await pass(keys, options);
    const left = (await countByKey(options.signal)).filter(({ keyId }) => keyId !== keys.keyId);
    const many = left.reduce((sum, { count }) => sum + count, 0);
    if (isSettled && many === 0 && (await live.forgetAllBut(keys.keyId))) return [];
    if (isSettled && many > 0 && many === unopenable) return left;
    // What somebody held, or sealed before everybody changed, is found the next time.
    const pauseMs = Math.max(options.lookEveryMs ?? LOOK_EVERY_MS, settledAt - performance.now());
    await delay(pauseMs, undefined, { signal: options.signal });
  }
}
