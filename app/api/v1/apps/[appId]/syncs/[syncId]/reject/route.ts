import { answerReject } from "@/lib/api/answer-sync-plan";
import { rejectSyncContract } from "@/lib/api/sync-plan";
import { defineRoute } from "@/lib/http/define-route";

export const POST = defineRoute(rejectSyncContract, answerReject);
