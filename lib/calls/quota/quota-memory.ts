import "server-only";
import { processWide } from "@/lib/process-wide";
import { monthOf } from "./month";
import { isUsedUp } from "./quota";

/** Cached values are read again after this time, which makes other processes' counts known. */
const FRESH_MS = 5_000;
/** The cache is cleared beyond this size. */
const BUFFERED_MAX = 20_000;

const PROBE_MS_MIN = 60_000;
const PROBE_MS_MAX = 60 * 60_000;

type AppKey = { readonly organizationId: string; readonly appId: string };
type KeyKey = { readonly organizationId: string; readonly keyId: string };

export type AppState = { readonly usedUpAt: Date | null };
/** A key's share of a month, and its billable calls. */
export type KeyState = { readonly share: number | null; readonly month: string; readonly used: number };

type Cached<T> = { readonly value: T; readonly readAtMs: number };

/** Caches quotas, with the calls that this process has counted since they were read. */
export class QuotaMemory {
  readonly #apps = new Map<string, Cached<AppState>>();
  readonly #keys = new Map<string, Cached<KeyState>>();
  /** Time at which this process last let a call through to find out whether DingTalk still refuses. */
  readonly #probes = new Map<string, number>();

  app({ organizationId, appId }: AppKey): Cached<AppState> | undefined {
    return this.#apps.get(`${organizationId} ${appId}`);
  }

  key({ organizationId, keyId }: KeyKey): Cached<KeyState> | undefined {
    return this.#keys.get(`${organizationId} ${keyId}`);
  }

  rememberApp({ organizationId, appId }: AppKey, value: AppState, readAtMs: number): void {
    if (this.#apps.size >= BUFFERED_MAX) this.#apps.clear();
    this.#apps.set(`${organizationId} ${appId}`, { value, readAtMs });
  }

  rememberKey({ organizationId, keyId }: KeyKey, value: KeyState, readAtMs: number): void {
    if (this.#keys.size >= BUFFERED_MAX) this.#keys.clear();
    this.#keys.set(`${organizationId} ${keyId}`, { value, readAtMs });
  }

  recordUsedUp(app: AppKey, atMs: number): void {
    const known = this.app(app)?.value.usedUpAt ?? null;
    this.rememberApp(app, { usedUpAt: isUsedUp(known, atMs) ? known : new Date(atMs) }, atMs);
  }

  /** Records a successful billable call that began at `atMs`; an earlier report of a used-up quota no longer applies. */
  recordAccepted(app: AppKey, atMs: number): void {
    const kept = this.app(app);
    if (kept?.value.usedUpAt && kept.value.usedUpAt.getTime() < atMs)
      this.rememberApp(app, { usedUpAt: null }, atMs);
  }

  /**
   * Claims the probe that finds out whether DingTalk accepts billable calls again. The pause until the next probe is as
   * long as DingTalk has refused so far, at least a minute and at most an hour.
   *
   * @returns the time of the next probe; `null` if the caller may probe now
   */
  claimProbe({ organizationId, appId }: AppKey, usedUpAtMs: number, nowMs: number): number | null {
    const name = `${organizationId} ${appId}`;
    const lastMs = Math.max(this.#probes.get(name) ?? 0, usedUpAtMs);
    const nextMs = lastMs + Math.min(Math.max(lastMs - usedUpAtMs, PROBE_MS_MIN), PROBE_MS_MAX);
    if (nowMs < nextMs) return nextMs;
    if (this.#probes.size >= BUFFERED_MAX) this.#probes.clear();
    this.#probes.set(name, nowMs);
    return null;
  }

  recordCharged(key: KeyKey, charged: number, atMs: number): void {
    const kept = this.key(key);
    if (!kept || kept.value.month !== monthOf(atMs)) return;
    this.rememberKey(key, { ...kept.value, used: kept.value.used + charged }, kept.readAtMs);
  }
}

export const isFresh = (kept: Cached<unknown> | undefined, nowMs: number): boolean =>
  kept !== undefined && nowMs - kept.readAtMs < FRESH_MS;

export const quotaMemory = () => processWide("calls.quota", () => new QuotaMemory());
