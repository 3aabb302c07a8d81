import { createHash, randomBytes } from "node:crypto";
import { parsePublicId, toPublicId } from "@/lib/public-id";
import { Redacted } from "@/lib/redacted";

const SECRET_BYTES = 20;
const SECRET = /^[0-9a-f]{40}$/;
const PATH = "/api/callbacks/dingtalk/";

/** Returns the secret part of a new callback address: 160 random bits. */
export const makePathSecret = (): Redacted => new Redacted(randomBytes(SECRET_BYTES).toString("hex"));

/** Returns the hash by which requests find their subscription. */
export const hashPathSecret = (secret: Redacted): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHash("sha256").update(secret.reveal()).digest());

/** Returns the address that DingTalk calls. The result contains the secret. */
export const callbackUrl = (
  { origin, organizationId }: { readonly origin: string; readonly organizationId: string },
  secret: Redacted,
): Redacted => new Redacted(`${origin}${PATH}${toPublicId(organizationId)}.${secret.reveal()}`);

/** Parses the last segment of a callback address. Returns `null` for any text that `callbackUrl` doesn't make. */
export function parseCallbackAddress(
  segment: string,
): { readonly organizationId: string; readonly secret: Redacted } | null {
  const [publicId = "", secret = "", ...more] = segment.split(".");
  const organizationId = parsePublicId(publicId);
  if (organizationId === null || !SECRET.test(secret) || more.length > 0) return null;
  return { organizationId, secret: new Redacted(secret) };
}
