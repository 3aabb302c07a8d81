import type { Redacted } from "@/lib/redacted";

/** The pair that DingTalk gives an app; it calls them Client ID and Client Secret as well. */
export type AppPair = { readonly appKey: string; readonly appSecret: Redacted };

/** An internal app: its pair opens the one organization that it belongs to. */
export type InternalCredentials = AppPair & { readonly kind: "internal" };

/** An app of any sort by its pair, at the call that is told the organization. */
export type UnifiedCredentials = AppPair & { readonly kind: "unified"; readonly corpId: string };

/** A third-party app in the organization of one of its customers. */
export type SuiteCredentials = {
  readonly kind: "isv";
  readonly suiteKey: string;
  readonly suiteSecret: Redacted;
  /** What DingTalk pushed last, about every five hours; `null` before the first one. */
  readonly suiteTicket: Redacted | null;
  /** The customer's. */
  readonly corpId: string;
};

/** What an app proves itself with, by its kind. */
export type Credentials = InternalCredentials | UnifiedCredentials | SuiteCredentials;

/** Whose an app is, without its secrets. */
export type AppIdentity = {
  readonly kind: Credentials["kind"];
  /** AppKey or SuiteKey. */
  readonly key: string;
  readonly corpId: string | null;
};

export function identityOf(credentials: Credentials): AppIdentity {
  switch (credentials.kind) {
    case "internal":
      return { kind: "internal", key: credentials.appKey, corpId: null };
    case "unified":
      return { kind: "unified", key: credentials.appKey, corpId: credentials.corpId };
    case "isv":
      return { kind: "isv", key: credentials.suiteKey, corpId: credentials.corpId };
  }
}

/**
 * Whose limits a call counts against: DingTalk counts a third-party app by customer, every other one by its
 * AppKey, however it came by its token.
 *
 * @see docs/dingtalk/errors.md#throttling-codes
 * @see docs/dingtalk/limits.md#rate-limits
 */
export const limiterIdOf = ({ kind, key, corpId }: AppIdentity): string =>
  kind === "isv" ? `${key} ${corpId}` : key;
