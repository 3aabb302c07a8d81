import { getMemberDetail } from "@/lib/directory/members/get-member-detail";
import { memberQuery } from "@/lib/directory/members/schema";
import { orRemoved } from "@/lib/directory/removed/find-removed";
import { defineRead } from "@/lib/http/define-read";

/** Returns a member's details. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: memberQuery },
  ({ actor, params, query }) =>
    orRemoved(getMemberDetail(actor, params.app, query), actor, params.app, { object: "member", ...query }),
);
