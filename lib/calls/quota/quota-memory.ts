import "server-only";
import { processWide } from "@/lib/process-wide";
import { monthOf } from "./month";
import { isUsedUp } from "./quota";

/** As old may what is remembered be: another process's count or word of DingTalk's is known after this time. */
const FRESH_MS = 5_000;
/** Beyond that, all is forgotten and read again. */
const HELD_MAX = 20_000;

const PROBE_MS_MIN = 60_000;
const PROBE_MS_MAX = 60 * 60_000;

type AppKey = { readonly organizationId: string; readonly appId: string };
type KeyKey = { readonly organizationId: string; readonly keyId: string };

export type AppState = { readonly usedUpAt: Date | null };
/** A key's share of a month, and what it was charged for. */
export type KeyState = { readonly share: number | null; readonly month: string; readonly used: number };

type Kept<T> = { readonly value: T; readonly readAtMs: number };

/** What was last read of quotas, with what this process has counted since. */
export class QuotaMemory {
  readonly #apps = new Map<string, Kept<AppState>>();
  readonly #keys = new Map<string, Kept<KeyState>>();
  /** When this process last let a call through to see whether DingTalk still refuses. */
  readonly #probes = new Map<string, number>();

  app({ organizationId, appId }: AppKey): Kept<AppState> | undefined {
    return this.#apps.get(`${organizationId} ${appId}`);
  }

  key({ organizationId, keyId }: KeyKey): Kept<KeyState> | undefined {
    return this.#keys.get(`${organizationId} ${keyId}`);
  }

  rememberApp({ organizationId, appId }: AppKey, value: AppState, readAtMs: number): void {
    if (this.#apps.size >= HELD_MAX) this.#apps.clear();
    this.#apps.set(`${organizationId} ${appId}`, { value, readAtMs });
  }

  rememberKey({ organizationId, keyId }: KeyKey, value: KeyState, readAtMs: number): void {
    if (this.#keys.size >= HELD_MAX) this.#keys.clear();
    this.#keys.set(`${organizationId} ${keyId}`, { value, readAtMs });
  }

  noteUsedUp(app: AppKey, atMs: number): void {
    const known = this.app(app)?.value.usedUpAt ?? null;
    this.rememberApp(app, { usedUpAt: isUsedUp(known, atMs) ? known : new Date(atMs) }, atMs);
  }

  /** DingTalk took a charged call that began at `atMs`: what it said before is over. */
  noteTaken(app: AppKey, atMs: number): void {
    const kept = this.app(app);
    if (kept?.value.usedUpAt && kept.value.usedUpAt.getTime() < atMs)
      this.rememberApp(app, { usedUpAt: null }, atMs);
  }

  /**
   * Whether one call may find out if DingTalk takes charged calls again. Claims the turn, so that the next one comes
   * after a pause: as long as DingTalk has refused so far, at least a minute and at most an hour.
   *
   * @returns when the next turn comes; `null` for a turn now
   */
  claimProbe({ organizationId, appId }: AppKey, usedUpAtMs: number, nowMs: number): number | null {
    const name = `${organizationId} ${appId}`;
    const lastMs = Math.max(this.#probes.get(name) ?? 0, usedUpAtMs);
    const nextMs = lastMs + Math.min(Math.max(lastMs - usedUpAtMs, PROBE_MS_MIN), PROBE_MS_MAX);
    if (nowMs < nextMs) return nextMs;
    if (this.#probes.size >= HELD_MAX) this.#probes.clear();
    this.#probes.set(name, nowMs);
    return null;
  }

  noteCharged(key: KeyKey, charged: number, atMs: number): void {
    const kept = this.key(key);
    if (!kept || kept.value.month !== monthOf(atMs)) return;
    this.rememberKey(key, { ...kept.value, used: kept.value.used + charged }, kept.readAtMs);
  }
}

export const isFresh = (kept: Kept<unknown> | undefined, nowMs: number): boolean =>
  kept !== undefined && nowMs - kept.readAtMs < FRESH_MS;

export const quotaMemory = () => processWide("calls.quota", () => new QuotaMemory());
