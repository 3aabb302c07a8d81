import { listRemovals } from "@/lib/directory/changes/list-removals";
import { removalsQuery } from "@/lib/directory/changes/removed-groups";
import { AppError } from "@/lib/errors";
import { defineRead } from "@/lib/http/define-read";

/** Returns a plan's removals below a department. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app", "run"], query: removalsQuery },
  async ({ actor, params, query }) => {
    const listed = await listRemovals(actor, { appId: params.app, runId: params.run }, query.parent ?? null);
    if (!listed.ok) throw new AppError("unavailable", "reading the plan's removals timed out");
    return listed.value;
  },
);
