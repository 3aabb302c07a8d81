import type { Redacted } from "@/lib/redacted";

/** DingTalk also calls them Client ID and Client Secret. */
export type AppPair = { readonly appKey: string; readonly appSecret: Redacted };

export type InternalCredentials = AppPair & { readonly kind: "internal" };

/** An app that names the organization in its token request. */
export type UnifiedCredentials = AppPair & { readonly kind: "unified"; readonly corpId: string };

/** A third-party app in the organization of one of its customers. */
export type SuiteCredentials = {
  readonly kind: "isv";
  readonly suiteKey: string;
  readonly suiteSecret: Redacted;
  /** The newest one. DingTalk pushes a ticket about every five hours; `null` before the first one. */
  readonly suiteTicket: Redacted | null;
  readonly corpId: string;
};

export type Credentials = InternalCredentials | UnifiedCredentials | SuiteCredentials;

export type AppIdentity = {
  readonly kind: Credentials["kind"];
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
