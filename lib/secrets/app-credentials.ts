import "server-only";
import type { AppIdentity, Credentials } from "@/lib/dingtalk/credentials";
import type { Redacted } from "@/lib/redacted";
import { secretContext, ticketContext } from "./app-secret";
import { openSecret, sealSecret } from "./sealed-secrets";

const SECRET_TAIL_CHARACTERS = 4;

type Row = { readonly organizationId: string; readonly appId: string };

export type StoredCredentials = {
  readonly kind: AppIdentity["kind"];
  /** AppKey or SuiteKey. */
  readonly appKey: string;
  readonly corpId: string | null;
  readonly sealedSecret: Uint8Array;
  readonly sealedSuiteTicket: Uint8Array | null;
};

export const STORED_CREDENTIALS = {
  kind: true,
  appKey: true,
  corpId: true,
  sealedSecret: true,
  sealedSuiteTicket: true,
} as const;

export const storedIdentityOf = ({
  kind,
  appKey,
  corpId,
}: Pick<StoredCredentials, "kind" | "appKey" | "corpId">): AppIdentity => ({ kind, key: appKey, corpId });

/** @throws {SealError} if a value belongs to another row or its key is missing in ENCRYPTION_KEYS */
export function openCredentials(
  { organizationId, appId }: Row,
  { kind, appKey, corpId, sealedSecret, sealedSuiteTicket }: StoredCredentials,
): Credentials {
  const secret = openSecret(secretContext(organizationId, appId), sealedSecret);
  // A constraint of the table allows null for internal apps only
  const corp = corpId ?? "";
  switch (kind) {
    case "internal":
      return { kind, appKey, appSecret: secret };
    case "unified":
      return { kind, appKey, appSecret: secret, corpId: corp };
    case "isv": {
      const suiteTicket =
        sealedSuiteTicket && openSecret(ticketContext(organizationId, appId), sealedSuiteTicket);
      return { kind, suiteKey: appKey, suiteSecret: secret, suiteTicket, corpId: corp };
    }
  }
}

/** Returns the AppSecret or SuiteSecret. */
export const secretOf = (credentials: Credentials): Redacted =>
  credentials.kind === "isv" ? credentials.suiteSecret : credentials.appSecret;

export const sealedSecretColumns = ({ organizationId, appId }: Row, secret: Redacted) => ({
  sealedSecret: sealSecret(secretContext(organizationId, appId), secret),
  secretTail: secret.reveal().slice(-SECRET_TAIL_CHARACTERS),
});

export const sealedTicketColumns = ({ organizationId, appId }: Row, suiteTicket: Redacted, now: Date) => ({
  sealedSuiteTicket: sealSecret(ticketContext(organizationId, appId), suiteTicket),
  suiteTicketAt: now,
});

export const sealedColumns = (row: Row, credentials: Credentials, now: Date) => ({
  ...sealedSecretColumns(row, secretOf(credentials)),
  ...(credentials.kind === "isv" &&
    credentials.suiteTicket &&
    sealedTicketColumns(row, credentials.suiteTicket, now)),
});
