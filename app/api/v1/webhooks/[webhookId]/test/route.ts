import { answerTest } from "@/lib/api/answer-webhooks";
import { testWebhookContract } from "@/lib/api/webhooks";
import { defineRoute } from "@/lib/http/define-route";

export const POST = defineRoute(testWebhookContract, answerTest);
