import { answerMembers } from "@/lib/api/answer-members";
import { listMembersContract } from "@/lib/api/members";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listMembersContract, answerMembers);
