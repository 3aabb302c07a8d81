import "server-only";
import { Redacted } from "@/lib/redacted";
import { isSignedBy, sign } from "@/lib/secrets/signatures";

export type LeaseHolder = {
  readonly organizationId: string;
  readonly keyId: string;
  readonly appId: string;
};

/** The lifetime of DingTalk's own tokens. @see docs/dingtalk/tokens.md#lifetime-and-repeated-fetches */
export const LEASE_SECONDS = 7_200;

const PURPOSE = "gateway leases";
const LEASE = /^dl_([\w-]{112})$/;
const ID_BYTES = 16;
const TIME_BYTES = 4;
const SIGNED_BYTES = 3 * ID_BYTES + TIME_BYTES;

const bytesOf = (uuid: string) => Buffer.from(uuid.replaceAll("-", ""), "hex");

function uuidAt(bytes: Buffer, index: number): string {
  const hex = bytes.subarray(index * ID_BYTES, (index + 1) * ID_BYTES).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * Returns the token that a DingTalk client gets instead of the real one. It ends with its key, which each call looks
 * up.
 */
export function makeLeaseToken({ organizationId, keyId, appId }: LeaseHolder, nowMs: number): Redacted {
  const end = Buffer.alloc(TIME_BYTES);
  end.writeUInt32BE(Math.floor(nowMs / 1_000) + LEASE_SECONDS);
  const data = Buffer.concat([bytesOf(organizationId), bytesOf(keyId), bytesOf(appId), end]);
  return new Redacted(`dl_${Buffer.concat([data, sign(PURPOSE, data)]).toString("base64url")}`);
}

export function readLeaseToken(text: string, nowMs: number): LeaseHolder | null {
  const bytes = Buffer.from(LEASE.exec(text)?.[1] ?? "", "base64url");
  const data = bytes.subarray(0, SIGNED_BYTES);
  if (data.length < SIGNED_BYTES || !isSignedBy(PURPOSE, data, bytes.subarray(SIGNED_BYTES))) return null;
  if (data.readUInt32BE(3 * ID_BYTES) * 1_000 <= nowMs) return null;
  return { organizationId: uuidAt(data, 0), keyId: uuidAt(data, 1), appId: uuidAt(data, 2) };
}
