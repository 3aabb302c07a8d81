import { answerAttempts } from "@/lib/api/answer-webhooks";
import { listWebhookAttemptsContract } from "@/lib/api/webhooks";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listWebhookAttemptsContract, answerAttempts);
