import { getTokenContract, leaseHeaders, toLeaseAnswer } from "@/lib/api/tokens";
import { Answer, defineRoute } from "@/lib/http/define-route";
import { isHeld } from "@/lib/http/etag";
import { longPoll } from "@/lib/tokens/long-poll";
import { countRead } from "@/lib/tokens/read-counts";
import { readLease } from "@/lib/tokens/read-lease";

export const GET = defineRoute(
  getTokenContract,
  async ({ actor, key, params: { appId }, query: { after, wait }, signal, headers, confirm }) => {
    const isWaiting = after !== undefined && wait > 0;
    const lease = isWaiting
      ? await longPoll(actor, appId, { afterVersion: after, waitMs: wait * 1_000 }, signal)
      : await readLease(actor, appId, { signal });
    if (isWaiting) await confirm();
    countRead({ organizationId: key.organizationId, appId }, key.keyId);
    const said = leaseHeaders(lease);
    const isKnown = isHeld(headers.get("if-none-match"), said.etag);
    return isKnown
      ? new Response(null, { status: 304, headers: said })
      : new Answer(toLeaseAnswer(lease), { headers: said });
  },
);
