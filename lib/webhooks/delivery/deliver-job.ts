import "server-only";
import type { JobHandler } from "@/lib/jobs/queues";
import { deliverEvents } from "./deliver-events";
import { guardedDispatcher } from "./guarded-dispatcher";
import { CONCURRENT_MAX } from "./plan-round";
import { makePost } from "./post-message";
import { resolveHost } from "./resolve-host";
import { urlRules } from "./url-rules";
import { parseWebhookUrl } from "./webhook-url";

/** Delivers over connections of its own, so that no endpoint waits for another one at the same host. */
export const deliverWebhookJob: JobHandler<"webhook.deliver"> = async (endpoint, { id, signal }) => {
  const rules = urlRules();
  const dispatcher = guardedDispatcher(rules, resolveHost, CONCURRENT_MAX);
  const tools = {
    now: Date.now,
    random: Math.random,
    parseUrl: (url: string) => parseWebhookUrl(url, rules),
    post: makePost(dispatcher),
  };
  try {
    await deliverEvents({ ...endpoint, jobId: id }, tools, signal);
  } finally {
    await dispatcher.destroy();
  }
};
