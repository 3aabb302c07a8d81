import "server-only";
import { createDingtalk, type Dingtalk, type DingtalkAttempt } from "@/lib/dingtalk/client";
import { createDispatcher } from "@/lib/dingtalk/hosts";
import { InProcessLimiter } from "@/lib/dingtalk/limiter";
import { env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";

/** What all of a process's calls share: connections, and the limits of each app and API. */
const shared = () =>
  processWide("upstream.shared", () => {
    const { DINGTALK_PROXY_URL: proxyUrl, DINGTALK_QPS: callsPerSecond } = env();
    return {
      dispatcher: createDispatcher(proxyUrl === undefined ? {} : { proxyUrl }),
      limiter: new InProcessLimiter({ callsPerSecond }),
    };
  });

/**
 * The way to DingTalk as this server is configured.
 *
 * @param onAttempt is told of each exchange, to count calls and throttles
 */
export function ourDingtalk(onAttempt?: (attempt: DingtalkAttempt) => void): Dingtalk {
  const { DINGTALK_OAPI_URL: oapiUrl, DINGTALK_API_URL: apiUrl } = env();
  return createDingtalk({ ...shared(), oapiUrl, apiUrl, ...(onAttempt && { onAttempt }) });
}

/** Ends the connections, at the end of the process. */
export const closeUpstream = (): Promise<void> => shared().dispatcher.close();
