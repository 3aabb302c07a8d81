import { listDepartmentsContract } from "@/lib/api/departments";
import { listDepartments } from "@/lib/directory/tree/read-departments";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listDepartmentsContract, async ({ actor, params: { appId }, query }) => {
  const { departments, nextCursor } = await listDepartments(actor, appId, query);
  return { departments: [...departments], nextCursor };
});
