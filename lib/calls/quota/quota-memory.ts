import "server-only";
import { processWide } from "@/lib/process-wide";
import { monthOf } from "./month";

/** As old may what is remembered be: another process's count or word of DingTalk's is known after this time. */
const FRESH_MS = 5_000;
/** Beyond that, all is forgotten and read again. */
const HELD_MAX = 20_000;

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
    this.rememberApp(app, { usedUpAt: new Date(atMs) }, atMs);
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
