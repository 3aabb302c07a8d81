import "server-only";
import { type BanProbe, createBanProbe } from "@/lib/dingtalk/ban-probe";
import { createDingtalk, type Dingtalk, type DingtalkAttempt } from "@/lib/dingtalk/client";
import { createDispatcher } from "@/lib/dingtalk/dispatcher";
import type { Priority } from "@/lib/dingtalk/limiter";
import { send } from "@/lib/dingtalk/send";
import { env } from "@/lib/env";
import { clockSkew } from "@/lib/health/clock-skew";
import { noteBan, noteEgress } from "@/lib/limits/egress/egress-alerts";
import { ourLimiter } from "@/lib/limits/egress/our-limiter";
import { CONNECTION_TESTS } from "@/lib/limits/numbers";
import { countAttempt } from "@/lib/metrics/count";
import { processWide } from "@/lib/process-wide";

export const SERVICES_CONNECTIONS = 400;

/** Connections per host, in separate pools, so that token renewals don't wait for services, syncs or tests. */
const CONNECTIONS = {
  own: 50,
  services: SERVICES_CONNECTIONS,
  syncs: 400,
  tests: CONNECTION_TESTS.running,
} as const;

type Whose = keyof typeof CONNECTIONS;

const dispatcher = (whose: Whose) =>
  processWide(`upstream.dispatcher.${whose}`, () => {
    const { DINGTALK_PROXY_URL: proxyUrl } = env();
    return createDispatcher({
      connections: CONNECTIONS[whose],
      ...(proxyUrl !== undefined && { proxyUrl }),
    });
  });

/** Checks for an IP ban. Shared by all calls of the process, so that simultaneous refusals cause one check. */
const isBanned: BanProbe = async (host) => {
  const probe = processWide("upstream.ban-probe", () => {
    const { DINGTALK_OAPI_URL: oapiUrl, DINGTALK_API_URL: apiUrl } = env();
    return createBanProbe({ oapiUrl, apiUrl, dispatcher: dispatcher("own"), now: Date.now });
  });
  const isConfirmed = await probe(host);
  if (isConfirmed) noteBan();
  return isConfirmed;
};

type OurOptions = {
  /** Calls of jobs run after all others and wait for the end of an IP ban. Default `interactive`. */
  readonly priority?: Priority;
  readonly connections?: Whose;
};

/**
 * Returns a DingTalk client with the rate limits that all processes share. @param onAttempt called after each exchange
 */
export function ourDingtalk(
  onAttempt: (attempt: DingtalkAttempt) => void = () => {},
  { priority = "interactive", connections = "own" }: OurOptions = {},
): Dingtalk {
  const { DINGTALK_OAPI_URL: oapiUrl, DINGTALK_API_URL: apiUrl } = env();
  return createDingtalk({
    dispatcher: dispatcher(connections),
    limiter: ourLimiter(),
    isBanned,
    oapiUrl,
    apiUrl,
    priority,
    onAttempt(attempt) {
      noteEgress(attempt);
      clockSkew().note(attempt.clockSkewMs, readSkew);
      countAttempt(attempt);
      onAttempt(attempt);
    },
  });
}

const TIME_MS_MAX = 10_000;

/** Returns how far DingTalk's clock is ahead in milliseconds, from an answer that needs no app. */
async function readSkew(): Promise<number | null> {
  const url = new URL(env().DINGTALK_OAPI_URL);
  const signal = AbortSignal.timeout(TIME_MS_MAX);
  const sent = await send(dispatcher("own"), { method: "GET", url, headers: {}, body: null }, signal);
  return sent.ok && sent.value.dateMs !== null ? sent.value.dateMs - Date.now() : null;
}

export const closeUpstream = async (): Promise<void> => {
  await Promise.all((Object.keys(CONNECTIONS) as Whose[]).map((whose) => dispatcher(whose).close()));
};
