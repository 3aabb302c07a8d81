import { answerMember } from "@/lib/api/answer-members";
import { getMemberContract } from "@/lib/api/members";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(getMemberContract, answerMember);
