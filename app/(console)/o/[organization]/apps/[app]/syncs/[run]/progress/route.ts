import { requireActor, requireSignedInCaller } from "@/lib/auth/require-actor";
import { followRun } from "@/lib/directory/runs/follow-run";
import { getRun } from "@/lib/directory/runs/get-run";
import { notFound } from "@/lib/errors";
import { eventStream } from "@/lib/http/event-stream";
import { readFailure } from "@/lib/problems/page-failure";

type Context = RouteContext<"/o/[organization]/apps/[app]/syncs/[run]/progress">;

/** Streams a run's progress as server-sent events. */
export async function GET(request: Request, { params }: Context) {
  const { organization, app, run } = await params;
  try {
    const actor = await requireActor(organization, "directory.read");
    if ((await getRun(actor, run)).appId !== app) throw notFound("run");
    const who = await requireSignedInCaller(organization);
    return eventStream(request, who, (signal) => followRun(actor, run, signal));
  } catch (error) {
    return readFailure(error);
  }
}
