import { z } from "zod";
import { getLiveEvents } from "@/lib/events/live-events";
import { defineRead } from "@/lib/http/define-read";

/** Returns the state of an app with its newest events. The open events page polls it and refreshes after changes. */
export const GET = defineRead(
  { permission: "directory.read", params: ["app"], query: z.object({}) },
  ({ actor, params }) => getLiveEvents(actor, params.app),
);
