import { planAfterAnswer } from "@/lib/api/decide-sync";
import { getSyncPlanContract } from "@/lib/api/sync-plan";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(getSyncPlanContract, planAfterAnswer);
