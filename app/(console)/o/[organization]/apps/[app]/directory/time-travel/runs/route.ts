import { listPastRuns } from "@/lib/directory/history/list-past-runs";
import { pastRunsQuery } from "@/lib/directory/history/schema";
import { defineRead } from "@/lib/http/define-read";

/** Returns older runs whose directory can be shown. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: pastRunsQuery },
  ({ actor, params, query }) => listPastRuns(actor, params.app, query),
);
