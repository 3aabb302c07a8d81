import { getToken } from "@/lib/api/answer-token";
import { getTokenContract } from "@/lib/api/tokens";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(getTokenContract, getToken);
