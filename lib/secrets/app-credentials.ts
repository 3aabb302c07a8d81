import "server-only";
import type { AppIdentity, Credentials } from "@/lib/dingtalk/credentials";
import type { Redacted } from "@/lib/redacted";
import { secretPlace, ticketPlace } from "./app-secret";
import { openSecret, sealSecret } from "./sealed-secrets";

const SECRET_TAIL_CHARACTERS = 4;

/** An app's row; a sealed value belongs to it and opens nowhere else. */
type Row = { readonly organizationId: string; readonly appId: string };

/** What of an app's row its credentials are made of. */
export type StoredCredentials = {
  readonly kind: AppIdentity["kind"];
  /** AppKey or SuiteKey. */
  readonly appKey: string;
  readonly corpId: string | null;
  readonly sealedSecret: Uint8Array;
  readonly sealedSuiteTicket: Uint8Array | null;
};

/** The columns of `StoredCredentials`, for Prisma. */
export const STORED_CREDENTIALS = {
  kind: true,
  appKey: true,
  corpId: true,
  sealedSecret: true,
  sealedSuiteTicket: true,
} as const;

/** Whose an app of ours is at DingTalk. */
export const storedIdentityOf = ({
  kind,
  appKey,
  corpId,
}: Pick<StoredCredentials, "kind" | "appKey" | "corpId">): AppIdentity => ({ kind, key: appKey, corpId });

/**
 * Opens what an app proves itself with.
 *
 * @throws {SealError} when a value belongs to another row or its key is gone from ENCRYPTION_KEYS
 */
export function openCredentials(
  { organizationId, appId }: Row,
  { kind, appKey, corpId, sealedSecret, sealedSuiteTicket }: StoredCredentials,
): Credentials {
  const secret = openSecret(secretPlace(organizationId, appId), sealedSecret);
  // A constraint of the table: only an internal app may lack it
  const corp = corpId ?? "";
  switch (kind) {
    case "internal":
      return { kind, appKey, appSecret: secret };
    case "unified":
      return { kind, appKey, appSecret: secret, corpId: corp };
    case "isv": {
      const suiteTicket =
        sealedSuiteTicket && openSecret(ticketPlace(organizationId, appId), sealedSuiteTicket);
      return { kind, suiteKey: appKey, suiteSecret: secret, suiteTicket, corpId: corp };
    }
  }
}

/** The secret among them: AppSecret or SuiteSecret. */
export const secretOf = (credentials: Credentials): Redacted =>
  credentials.kind === "isv" ? credentials.suiteSecret : credentials.appSecret;

/** What a row keeps of a secret. */
export const sealedSecretColumns = ({ organizationId, appId }: Row, secret: Redacted) => ({
  sealedSecret: sealSecret(secretPlace(organizationId, appId), secret),
  secretTail: secret.reveal().slice(-SECRET_TAIL_CHARACTERS),
});

/** What a row keeps of a suite ticket, with the time at which it came. */
export const sealedTicketColumns = ({ organizationId, appId }: Row, suiteTicket: Redacted, now: Date) => ({
  sealedSuiteTicket: sealSecret(ticketPlace(organizationId, appId), suiteTicket),
  suiteTicketAt: now,
});

/** What a new row keeps of its credentials. */
export const sealedColumns = (row: Row, credentials: Credentials, now: Date) => ({
  ...sealedSecretColumns(row, secretOf(credentials)),
  ...(credentials.kind === "isv" &&
    credentials.suiteTicket &&
    sealedTicketColumns(row, credentials.suiteTicket, now)),
});
