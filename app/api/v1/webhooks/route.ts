import { answerCreate, answerWebhooks } from "@/lib/api/answer-webhooks";
import { createWebhookContract, listWebhooksContract } from "@/lib/api/webhooks";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listWebhooksContract, answerWebhooks);
export const POST = defineRoute(createWebhookContract, answerCreate);
