import { createHmac, randomBytes } from "node:crypto";
import { Redacted } from "@/lib/redacted";

const PREFIX = "whsec_";
const SECRET_BYTES = 32;

export const makeWebhookSecret = (): Redacted =>
  new Redacted(PREFIX + randomBytes(SECRET_BYTES).toString("base64"));

export type SignedMessage = {
  /** Stays the same for every attempt. */
  readonly id: string;
  readonly atMs: number;
  readonly body: string;
};

function signatureOf(secret: Redacted, text: string): string {
  const key = Buffer.from(secret.reveal().slice(PREFIX.length), "base64");
  return `v1,${createHmac("sha256", key).update(text).digest("base64")}`;
}

/**
 * Returns the headers of Standard Webhooks. During a rotation the message carries the signature of each secret.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function signatureHeaders({ id, atMs, body }: SignedMessage, secrets: readonly Redacted[]) {
  const timestamp = String(Math.floor(atMs / 1_000));
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": secrets.map((secret) => signatureOf(secret, `${id}.${timestamp}.${body}`)).join(" "),
  };
}
