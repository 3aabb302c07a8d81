import { z } from "zod";

/**
 * Variants of DingTalk's undocumented behavior. Each can also be set for one app.
 *
 * @see docs/dingtalk/open-questions.md
 */
const settingsShape = {
  tokenLifetimeSeconds: z.number().int().positive(),
  /**
   * Result of a fetch while a token is valid: the same token with a later or an unchanged expiry, or a new token. The
   * default for third-party apps is a new token.
   */
  repeatedFetch: z.enum(["extended", "remaining", "new"]),
  /** State of older tokens after a fetch returned a new token. */
  olderTokens: z.enum(["live", "dead"]),
  /** Value of the lifetime field in the answer. */
  lifetimeField: z.enum(["normal", "missing", "zero", "negative", "text"]),
  /** True if the token endpoints return one shared token. */
  tokenEndpoints: z.enum(["same", "different"]),
  secretReset: z.enum(["keeps", "kills"]),
  expiredTokenCode: z.union([z.literal(40014), z.literal(42001)]),
  /** When the legacy department/list includes the requested department itself. */
  rootRow: z.enum(["when_id_omitted", "always", "never"]),
  /** True if the legacy department/list is recursive when `fetch_child` is omitted. */
  fetchChildWhenOmitted: z.boolean(),
  /** Closed for apps that were created after DingTalk withdrew the legacy permission. */
  legacyDepartmentApi: z.enum(["open", "closed"]),
  /** Contents of `dept_id_list`: all departments of the member, or only those in the app's scope. */
  deptIdList: z.enum(["all", "in_scope"]),
  ipCheckedOn: z.enum(["calls", "tokens_too"]),
  /** Codes for an unknown key and a missing token: the documented ones, or those captured on 2026-09-11. */
  edgeCodes: z.enum(["reference", "captured"]),
  /** Accepted replies to `check_create_suite_url` and `check_update_suite_url`. */
  suiteUrlReply: z.enum(["success", "random", "either"]),
  /** State of failed callbacks after an app has read them. */
  failedCallbacks: z.enum(["removed_once_read", "kept"]),
  /** Hosts that DingTalk does not allow in callback addresses, with errcode 71013. */
  refusedCallbackHosts: z.array(z.string()),
};

export const settingsPatch = z.strictObject(settingsShape).partial();
export type Settings = z.output<z.ZodObject<typeof settingsShape>>;

export const SETTINGS_DEFAULT: Settings = {
  tokenLifetimeSeconds: 7_200,
  repeatedFetch: "extended",
  olderTokens: "live",
  lifetimeField: "normal",
  tokenEndpoints: "same",
  secretReset: "keeps",
  expiredTokenCode: 40014,
  rootRow: "when_id_omitted",
  fetchChildWhenOmitted: true,
  legacyDepartmentApi: "open",
  deptIdList: "all",
  ipCheckedOn: "calls",
  edgeCodes: "reference",
  suiteUrlReply: "either",
  failedCallbacks: "removed_once_read",
  refusedCallbackHosts: [],
};

type AppSettings = { readonly kind: "internal" | "isv"; readonly settings: z.output<typeof settingsPatch> };

/** Returns the settings for one app: its own, then those of its kind, then the simulator's. */
export function settingsOf({ settings }: { readonly settings: Settings }, app: AppSettings): Settings {
  const ofKind: Partial<Settings> = app.kind === "isv" ? { repeatedFetch: "new" } : {};
  return merge(merge(settings, ofKind), app.settings);
}

/** Returns a copy of `base` with the values of `patch`. Undefined values are ignored. */
export function merge<T extends object>(base: T, patch: { readonly [K in keyof T]?: T[K] | undefined }): T {
  const merged = { ...base };
  for (const key of Object.keys(patch) as (keyof T)[]) {
    const value = patch[key];
    if (value !== undefined) merged[key] = value;
  }
  return merged;
}
