import { listPastRuns } from "@/lib/directory/past/list-past-runs";
import { pastRunsQuery } from "@/lib/directory/past/schema";
import { defineRead } from "@/lib/http/define-read";

/** Older syncs whose directory can be looked at: read when somebody asks for them. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: pastRunsQuery },
  ({ actor, params, query }) => listPastRuns(actor, params.app, query),
);
