import { z } from "zod";
import { getLiveState } from "@/lib/directory/runs/live-state";
import { defineRead } from "@/lib/http/define-read";

/** Returns the state of the organization's apps, or of `?app=`. Open pages poll it and refresh after changes. */
export const GET = defineRead(
  { permission: "directory.read", params: [], query: z.object({ app: z.string().optional() }) },
  ({ actor, query }) => getLiveState(actor, query.app ?? null),
);
