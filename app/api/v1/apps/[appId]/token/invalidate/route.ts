import { Answer } from "@/lib/api/call";
import { invalidateTokenContract, leaseHeaders, toLeaseAnswer } from "@/lib/api/tokens";
import { defineRoute } from "@/lib/http/define-route";
import { invalidateToken } from "@/lib/tokens/lease/invalidate-token";

export const POST = defineRoute(
  invalidateTokenContract,
  async ({ actor, params: { appId }, body: { version }, signal }) => {
    const { lease, isChanged } = await invalidateToken(actor, appId, version, { signal });
    return new Answer({ ...toLeaseAnswer(lease), changed: isChanged }, { headers: leaseHeaders(lease) });
  },
);
