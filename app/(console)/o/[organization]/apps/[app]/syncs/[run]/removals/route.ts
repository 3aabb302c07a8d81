import { listRemovals } from "@/lib/directory/changes/list-removals";
import { removalsQuery } from "@/lib/directory/changes/removed-groups";
import { defineRead } from "@/lib/http/define-read";

/** What a run's plan removes below a department. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app", "run"], query: removalsQuery },
  ({ actor, params, query }) =>
    listRemovals(actor, { appId: params.app, runId: params.run }, query.parent ?? null),
);
