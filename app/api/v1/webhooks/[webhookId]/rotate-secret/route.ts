import { answerRotate } from "@/lib/api/answer-webhooks";
import { rotateWebhookSecretContract } from "@/lib/api/webhooks";
import { defineRoute } from "@/lib/http/define-route";

export const POST = defineRoute(rotateWebhookSecretContract, answerRotate);
