import { answerApply } from "@/lib/api/decide-sync";
import { applySyncContract } from "@/lib/api/sync-plan";
import { defineRoute } from "@/lib/http/define-route";

export const POST = defineRoute(applySyncContract, answerApply);
