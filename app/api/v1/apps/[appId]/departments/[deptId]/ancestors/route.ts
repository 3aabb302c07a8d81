import { listAncestorsContract } from "@/lib/api/departments";
import { listAncestors } from "@/lib/directory/tree/list-departments";
import { defineRoute } from "@/lib/http/define-route";

export const GET = defineRoute(listAncestorsContract, async ({ actor, params: { appId, deptId } }) => ({
  ancestors: await listAncestors(actor, appId, deptId),
}));
