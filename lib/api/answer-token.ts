import "server-only";
import { watchKey } from "@/lib/api-keys/watch-key";
import { countRead } from "@/lib/tokens/history/read-counts";
import { longPoll } from "@/lib/tokens/lease/long-poll";
import { readLease } from "@/lib/tokens/lease/read-lease";
import { Answer, type CallOf } from "./call";
import { matchesEtag } from "./etag";
import { type getTokenContract, leaseHeaders, toLeaseAnswer } from "./tokens";

/** Passes `wait` a signal that aborts when the client disconnects or the key is revoked or loses the scope. */
async function whileConfirmed<T>(
  { key, confirm, signal }: Pick<CallOf<typeof getTokenContract>, "key" | "confirm" | "signal">,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const revoked = new AbortController();
  const unwatch = watchKey(key.keyId, () => void confirm().catch((error: unknown) => revoked.abort(error)));
  try {
    return await wait(AbortSignal.any([signal, revoked.signal]));
  } finally {
    unwatch();
  }
}

export async function getToken(call: CallOf<typeof getTokenContract>): Promise<Answer> {
  const { actor, key, params, query, signal, headers, confirm } = call;
  const { appId } = params;
  const { after, wait } = query;
  const isWaiting = after !== undefined && wait > 0;
  const lease = isWaiting
    ? await whileConfirmed(call, (until) =>
        longPoll(actor, appId, { afterVersion: after, waitMs: wait * 1_000 }, until),
      )
    : await readLease(actor, appId, { signal });
  if (isWaiting) await confirm();
  countRead({ organizationId: key.organizationId, appId }, key.keyId);
  const answerHeaders = leaseHeaders(lease);
  const isKnown = matchesEtag(headers.get("if-none-match"), answerHeaders.etag);
  return isKnown
    ? new Answer(null, { status: 304, headers: answerHeaders })
    : new Answer(toLeaseAnswer(lease), { headers: answerHeaders });
}
