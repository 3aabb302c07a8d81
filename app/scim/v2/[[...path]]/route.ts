import { defineScim, refuseScim } from "@/lib/http/define-scim";
import { answerScim } from "@/lib/scim/answer-scim";

export const GET = defineScim(answerScim);

export { refuseScim as DELETE, refuseScim as PATCH, refuseScim as POST, refuseScim as PUT };
