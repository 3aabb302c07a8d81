import { z } from "zod";
import type { Lease } from "@/lib/tokens/lease/read-lease";
import { defineContract } from "./contract";
import { appParams, none, time } from "./values";

const WAIT_SECONDS_MAX = 30;

const version = z.int().min(0).meta({
  description: "Rises by one with every renewal that changed the string or moved the expiry.",
});

const lease = {
  accessToken: z.string(),
  expiresAt: time,
  version,
  changedAt: time.meta({ description: "When the present string was first had." }),
};

export const toLeaseAnswer = ({ accessToken, expiresAt, version, changedAt }: Lease) => ({
  accessToken: accessToken.reveal(),
  expiresAt,
  version,
  changedAt,
});

/** What a lease's answer says beside its body. */
export const leaseHeaders = ({ version, isStale }: Lease) => ({
  etag: `"${version}"`,
  ...(isStale && { "dingkeep-stale": "1" }),
});

export const getTokenContract = defineContract({
  operation: "getToken",
  method: "GET",
  path: "/apps/{appId}/token",
  scope: "token:read",
  params: appParams,
  query: z.strictObject({
    after: z.coerce.number().int().min(0).optional().meta({
      description: "A version: with `wait`, the answer comes once there is a newer one.",
    }),
    wait: z.coerce.number().int().min(0).max(WAIT_SECONDS_MAX).default(0).meta({
      description: "Seconds to wait for a version newer than `after`; the present one when they are over.",
    }),
  }),
  body: null,
  answer: { status: 200, schema: z.object(lease).meta({ id: "Token" }) },
  fails: [304, 409, 502, 504],
});

export const invalidateTokenContract = defineContract({
  operation: "invalidateToken",
  method: "POST",
  path: "/apps/{appId}/token/invalidate",
  scope: "token:read",
  params: appParams,
  query: none,
  body: z.strictObject({ version }).meta({ examples: [{ version: 1 }] }),
  answer: {
    status: 200,
    schema: z
      .object({
        ...lease,
        changed: z.boolean().meta({ description: "False: DingTalk insists on the same string." }),
      })
      .meta({ id: "InvalidatedToken" }),
  },
  fails: [409, 502, 504],
});
