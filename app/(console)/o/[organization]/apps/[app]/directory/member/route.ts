import { getMemberDetail } from "@/lib/directory/members/get-member-detail";
import { memberQuery } from "@/lib/directory/members/schema";
import { defineRead } from "@/lib/http/define-read";

/** What the panel shows of somebody: read when they are selected. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: memberQuery },
  ({ actor, params, query }) => getMemberDetail(actor, params.app, query),
);
