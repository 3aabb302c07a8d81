import { planAfterAnswer } from "@/lib/api/answer-sync-plan";
import { getSyncPlanContract } from "@/lib/api/sync-plan";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(getSyncPlanContract, planAfterAnswer);
