import { answerDepartmentMembers } from "@/lib/api/answer-members";
import { listDepartmentMembersContract } from "@/lib/api/members";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listDepartmentMembersContract, answerDepartmentMembers);
