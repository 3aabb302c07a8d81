import "server-only";
import type { AppRef } from "@/lib/app-ref";
import { processWide } from "@/lib/process-wide";
import { monthOf } from "./month";
import { isUsedUp } from "./quota";

/** Cached values are read again after this time, which makes other processes' counts known. */
const FRESH_MS = 5_000;
const CACHED_MAX = 20_000;

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

  probedAtMs({ organizationId, appId }: AppRef): number | undefined {
    return this.#probes.get(`${organizationId} ${appId}`);
  }

  recordProbe({ organizationId, appId }: AppRef, atMs: number): void {
    if (this.#probes.size >= CACHED_MAX) this.#probes.clear();
    this.#probes.set(`${organizationId} ${appId}`, atMs);
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
