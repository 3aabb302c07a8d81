import { getDepartmentContract } from "@/lib/api/departments";
import { getDepartment } from "@/lib/directory/tree/list-departments";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(getDepartmentContract, ({ actor, params: { appId, deptId } }) =>
  getDepartment(actor, appId, deptId),
);
