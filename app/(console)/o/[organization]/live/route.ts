import { z } from "zod";
import { getLiveState } from "@/lib/directory/runs/live-state";
import { defineRead } from "@/lib/http/define-read";

/** How the organization's apps stand, or `?app=`: open pages ask now and then, and read themselves anew if need be. */
export const GET = defineRead(
  { permission: "directory.read", params: [], query: z.object({ app: z.string().optional() }) },
  ({ actor, query }) => getLiveState(actor, query.app ?? null),
);
