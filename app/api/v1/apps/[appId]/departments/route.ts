import { answerDepartments } from "@/lib/api/answer-departments";
import { listDepartmentsContract } from "@/lib/api/departments";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listDepartmentsContract, answerDepartments);
