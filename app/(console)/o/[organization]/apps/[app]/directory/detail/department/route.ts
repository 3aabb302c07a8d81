import { orRemoved } from "@/lib/directory/removed/find-removed";
import { getDepartmentDetail } from "@/lib/directory/tree/get-department-detail";
import { nodeQuery } from "@/lib/directory/tree/schema";
import { defineRead } from "@/lib/http/define-read";

/** Returns a department's details. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: nodeQuery },
  ({ actor, params, query }) =>
    orRemoved(getDepartmentDetail(actor, params.app, query), actor, params.app, {
      object: "department",
      ...query,
    }),
);
