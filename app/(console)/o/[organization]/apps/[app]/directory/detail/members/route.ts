import { getLocale } from "next-intl/server";
import { listDepartmentMembers } from "@/lib/directory/members/list-department-members";
import { membersQuery } from "@/lib/directory/members/schema";
import { defineRead } from "@/lib/http/define-read";

/** Returns a page of a department's members. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: membersQuery },
  async ({ actor, params, query }) =>
    listDepartmentMembers(actor, params.app, { ...query, locale: await getLocale() }),
);
