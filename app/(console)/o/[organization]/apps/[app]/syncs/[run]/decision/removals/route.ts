import { listRemovals } from "@/lib/directory/changes/list-removals";
import { removalsQuery } from "@/lib/directory/changes/removed-groups";
import { AppError } from "@/lib/errors";
import { defineRead } from "@/lib/http/define-read";

/** What a run's plan removes below a department. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app", "run"], query: removalsQuery },
  async ({ actor, params, query }) => {
    const listed = await listRemovals(actor, { appId: params.app, runId: params.run }, query.parent ?? null);
    if (!listed.ok) throw new AppError("unavailable", "what a plan removes took too long to gather");
    return listed.value;
  },
);
