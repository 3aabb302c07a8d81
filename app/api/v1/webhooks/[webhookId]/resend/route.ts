import { answerResend } from "@/lib/api/answer-webhooks";
import { resendWebhookEventsContract } from "@/lib/api/webhooks";
import { defineRoute } from "@/lib/http/define-route";

export const POST = defineRoute(resendWebhookEventsContract, answerResend);
