import { answerEvents } from "@/lib/api/answer-webhooks";
import { listWebhookEventsContract } from "@/lib/api/webhooks";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listWebhookEventsContract, answerEvents);
