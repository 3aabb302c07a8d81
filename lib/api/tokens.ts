import { z } from "zod";
import { REQUESTED_WAIT_SECONDS_MAX } from "@/lib/limits/numbers";
import type { Lease } from "@/lib/tokens/lease/read-lease";
import { defineContract } from "./contract";
import { appParams, none, time } from "./values";

const version = z.int().min(0).meta({
  description: "Increases by one with every renewal that changed the token or its expiry.",
});

const lease = {
  accessToken: z.string(),
  expiresAt: time,
  version,
  changedAt: time.meta({ description: "When the current token was first received." }),
};

export const toLeaseAnswer = ({ accessToken, expiresAt, version, changedAt }: Lease) => ({
  accessToken: accessToken.reveal(),
  expiresAt,
  version,
  changedAt,
});

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
      description: "Version that the client has. With `wait`, the request waits for a newer one.",
    }),
    wait: z.coerce.number().int().min(0).max(REQUESTED_WAIT_SECONDS_MAX).default(0).meta({
      description: "Seconds to wait for a version newer than `after`. Then the current one is returned.",
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
        changed: z.boolean().meta({ description: "False if DingTalk returned the same token again." }),
      })
      .meta({ id: "InvalidatedToken" }),
  },
  fails: [409, 502, 504],
});
