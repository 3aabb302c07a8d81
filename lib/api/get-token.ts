import "server-only";
import { longPoll } from "@/lib/tokens/long-poll";
import { countRead } from "@/lib/tokens/read-counts";
import { readLease } from "@/lib/tokens/read-lease";
import { Answer, type CallOf } from "./call";
import { isHeld } from "./etag";
import { type getTokenContract, leaseHeaders, toLeaseAnswer } from "./tokens";

/** `GET …/token`: the present lease, or the next one for whoever waits for it. */
export async function getToken({
  actor,
  key,
  params: { appId },
  query: { after, wait },
  signal,
  headers,
  confirm,
}: CallOf<typeof getTokenContract>): Promise<Answer> {
  const isWaiting = after !== undefined && wait > 0;
  const lease = isWaiting
    ? await longPoll(actor, appId, { afterVersion: after, waitMs: wait * 1_000 }, signal)
    : await readLease(actor, appId, { signal });
  if (isWaiting) await confirm();
  countRead({ organizationId: key.organizationId, appId }, key.keyId);
  const said = leaseHeaders(lease);
  const isKnown = isHeld(headers.get("if-none-match"), said.etag);
  return isKnown
    ? new Answer(null, { status: 304, headers: said })
    : new Answer(toLeaseAnswer(lease), { headers: said });
}
