import { listPastRuns } from "@/lib/directory/history/list-past-runs";
import { pastRunsQuery } from "@/lib/directory/history/schema";
import { defineRead } from "@/lib/http/define-read";

/** Older syncs whose directory can be looked at: read when somebody asks for them. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: pastRunsQuery },
  ({ actor, params, query }) => listPastRuns(actor, params.app, query),
);
