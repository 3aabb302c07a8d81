import type { AppIdentity } from "./credentials";

/**
 * Returns the key under which DingTalk counts an app's calls.
 *
 * @see docs/dingtalk/errors.md#throttling-codes
 * @see docs/dingtalk/limits.md#rate-limits
 */
export const limiterIdOf = ({ kind, key, corpId }: AppIdentity): string =>
  kind === "isv" ? `${key} ${corpId}` : key;
