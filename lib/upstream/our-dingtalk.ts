import "server-only";
import { createDingtalk, type Dingtalk, type DingtalkAttempt } from "@/lib/dingtalk/client";
import { createDispatcher } from "@/lib/dingtalk/hosts";
import type { Priority } from "@/lib/dingtalk/limiter";
import { env } from "@/lib/env";
import { noteClock } from "@/lib/health/clock";
import { noteEgress } from "@/lib/limiter/egress-alerts";
import { ourLimiter } from "@/lib/limiter/our-limiter";
import { countAttempt } from "@/lib/metrics/count";
import { processWide } from "@/lib/process-wide";

/** Whose connections: a process's own calls, tokens among them, don't wait for those that services hold. */
type Whose = "own" | "services";

/** Of each host's. Services hold theirs for as long as they read, so they need more. */
const CONNECTIONS = { own: 50, services: 400 } as const;

/** The connections of all of a process's calls. */
const dispatcher = (whose: Whose) =>
  processWide(`upstream.dispatcher.${whose}`, () => {
    const { DINGTALK_PROXY_URL: proxyUrl } = env();
    return createDispatcher({
      connections: CONNECTIONS[whose],
      ...(proxyUrl !== undefined && { proxyUrl }),
    });
  });

type OurOptions = {
  /** Who waits for these calls: a job's go after all others, and wait for a ban's end. Default `interactive`. */
  readonly priority?: Priority;
  /** Default `own`. */
  readonly connections?: Whose;
};

/**
 * The way to DingTalk as this server is configured, held to the limits that all processes share.
 *
 * @param onAttempt is told of each exchange, to count calls and throttles
 */
export function ourDingtalk(
  onAttempt: (attempt: DingtalkAttempt) => void = () => {},
  { priority = "interactive", connections = "own" }: OurOptions = {},
): Dingtalk {
  const { DINGTALK_OAPI_URL: oapiUrl, DINGTALK_API_URL: apiUrl } = env();
  return createDingtalk({
    dispatcher: dispatcher(connections),
    limiter: ourLimiter(),
    oapiUrl,
    apiUrl,
    priority,
    onAttempt(attempt) {
      noteEgress(attempt);
      noteClock(attempt.clockSkewMs);
      countAttempt(attempt);
      onAttempt(attempt);
    },
  });
}

/** Ends the connections, at the end of the process. */
export const closeUpstream = async (): Promise<void> => {
  await Promise.all([dispatcher("own").close(), dispatcher("services").close()]);
};
