import "server-only";
import { v7 as newId } from "uuid";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import { TEST_EVENT_TYPE } from "@/lib/webhook-log/event-types";
import { openFor, openSecrets } from "../endpoints/endpoint-secrets";
import type { ListedAttempt } from "./attempts";
import { guardedDispatcher } from "./guarded-dispatcher";
import { makePost, type Post, type PostOutcome } from "./post-message";
import { addAttempts } from "./record-round";
import { resolveHost } from "./resolve-host";
import { urlRules } from "./url-rules";
import { parseWebhookUrl, type UrlRules } from "./webhook-url";

type Sent = Pick<ListedAttempt, "id" | "at" | "status" | "failure" | "durationMs" | "answer">;

const REFUSED: PostOutcome = {
  status: null,
  failure: "private",
  durationMs: 0,
  answer: Buffer.alloc(0),
  retryAfterMs: null,
};

async function postOnce(rules: UrlRules, ...message: Parameters<Post>): Promise<PostOutcome> {
  const dispatcher = guardedDispatcher(rules, resolveHost, 1);
  try {
    return await makePost(dispatcher)(...message);
  } finally {
    await dispatcher.destroy();
  }
}

/** Sends a test event once and returns the result, also for a disabled endpoint. @throws {AppError} `not_found` */
export async function sendTestEvent(actor: Actor<"webhook.manage">, endpointId: string): Promise<Sent> {
  if (!isUuid(endpointId)) throw notFound("webhook");
  const { organizationId } = actor;
  const endpoint = { organizationId, endpointId };
  const where = { organizationId_id: { organizationId, id: endpointId } };
  const row = await inOrganization(actor, (tx) => tx.webhookEndpoint.findUnique({ where }));
  if (!row) throw notFound("webhook");
  const at = new Date();
  const rules = urlRules();
  const url = parseWebhookUrl(openFor(endpoint, "sealed_url", row.sealedUrl).reveal(), rules);
  const id = newId();
  const body = JSON.stringify({
    id: `evt_test_${id}`,
    type: TEST_EVENT_TYPE,
    version: 1,
    timestamp: at,
    data: {},
  });
  const message = { id: `evt_test_${id}`, atMs: at.getTime(), body };
  const secrets = openSecrets(endpoint, row, at.getTime());
  const outcome = url.ok ? await postOnce(rules, url.value, message, secrets) : REFUSED;
  return inOrganizationSql(actor, async (client) => {
    const [attemptId = ""] = await addAttempts(client, endpoint, [
      { at, delivery: null, type: TEST_EVENT_TYPE, outcome },
    ]);
    const { status, failure, durationMs, answer } = outcome;
    return { id: attemptId, at, status, failure, durationMs, answer: answer.toString("utf8") };
  });
}
