import { answerChange, answerDelete, answerWebhook } from "@/lib/api/answer-webhooks";
import { changeWebhookContract, deleteWebhookContract, getWebhookContract } from "@/lib/api/webhooks";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(getWebhookContract, answerWebhook);
export const PATCH = defineRoute(changeWebhookContract, answerChange);
export const DELETE = defineRoute(deleteWebhookContract, answerDelete);
