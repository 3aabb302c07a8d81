import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { processWide } from "@/lib/process-wide";
import { monthOf } from "./month";
import { isUsedUp } from "./quota";

/** Cached values are read again after this time, which makes other processes' counts known. */
const FRESH_MS = 5_000;
const CACHED_MAX = 20_000;

const PROBE_MS_MIN = 60_000;
const PROBE_MS_MAX = 60 * 60_000;

type KeyRef = { readonly organizationId: string; readonly keyId: string };

export type AppQuotaState = { readonly usedUpAt: Date | null };
export type KeyQuotaState = { readonly share: number | null; readonly month: string; readonly used: number };

type Cached<T> = { readonly value: T; readonly readAtMs: number };

/** Caches quotas, with the calls that this process has counted since they were read. */
export class QuotaMemory {
  readonly #apps = new Map<string, Cached<AppQuotaState>>();
  readonly #keys = new Map<string, Cached<KeyQuotaState>>();
  /** Time at which this process last let a call through to find out whether DingTalk still refuses. */
  readonly #probes = new Map<string, number>();

  app({ organizationId, appId }: AppRef): Cached<AppQuotaState> | undefined {
    return this.#apps.get(`${organizationId} ${appId}`);
  }

  key({ organizationId, keyId }: KeyRef): Cached<KeyQuotaState> | undefined {
    return this.#keys.get(`${organizationId} ${keyId}`);
  }

  rememberApp({ organizationId, appId }: AppRef, value: AppQuotaState, readAtMs: number): void {
    if (this.#apps.size >= CACHED_MAX) this.#apps.clear();
    this.#apps.set(`${organizationId} ${appId}`, { value, readAtMs });
  }

  rememberKey({ organizationId, keyId }: KeyRef, value: KeyQuotaState, readAtMs: number): void {
    if (this.#keys.size >= CACHED_MAX) this.#keys.clear();
    this.#keys.set(`${organizationId} ${keyId}`, { value, readAtMs });
  }

  recordUsedUp(app: AppRef, atMs: number): void {
    const known = this.app(app)?.value.usedUpAt ?? null;
    this.rememberApp(app, { usedUpAt: isUsedUp(known, atMs) ? known : new Date(atMs) }, atMs);
  }

  /** Records a successful billable call that began at `atMs`; an earlier report of a used-up quota no longer applies. */
  recordAccepted(app: AppRef, atMs: number): void {
    const cached = this.app(app);
    if (cached?.value.usedUpAt && cached.value.usedUpAt.getTime() < atMs)
      this.rememberApp(app, { usedUpAt: null }, atMs);
  }

  /**
   * Claims the probe that finds out whether DingTalk accepts billable calls again. Pauses grow from a minute to an
   * hour.
   * @returns the time of the next probe; `null` if the caller may probe now
   */
  claimProbe({ organizationId, appId }: AppRef, usedUpAtMs: number, nowMs: number): number | null {
    const name = `${organizationId} ${appId}`;
    const lastMs = Math.max(this.#probes.get(name) ?? 0, usedUpAtMs);
    const nextMs = lastMs + Math.min(Math.max(lastMs - usedUpAtMs, PROBE_MS_MIN), PROBE_MS_MAX);
    if (nowMs < nextMs) return nextMs;
    if (this.#probes.size >= CACHED_MAX) this.#probes.clear();
    this.#probes.set(name, nowMs);
    return null;
  }

  recordBillable(key: KeyRef, charged: number, atMs: number): void {
    const cached = this.key(key);
    if (!cached || cached.value.month !== monthOf(atMs)) return;
    this.rememberKey(key, { ...cached.value, used: cached.value.used + charged }, cached.readAtMs);
  }
}

export const isFresh = (cached: Cached<unknown> | undefined, nowMs: number): boolean =>
  cached !== undefined && nowMs - cached.readAtMs < FRESH_MS;

export const quotaMemory = () => processWide("calls.quota", () => new QuotaMemory());
