import { answerApply } from "@/lib/api/answer-sync-plan";
import { applySyncContract } from "@/lib/api/sync-plan";
import { defineRoute } from "@/lib/http/define-route";

export const POST = defineRoute(applySyncContract, answerApply);
