import { z } from "zod";
import type { Route } from "../control-route";

const reasonInput = z.strictObject({ reason: z.string().optional() });

/** Routes of the control for stream mode. */
export const STREAM_ROUTES: Readonly<Record<string, Route>> = {
  "GET apps/:/stream-options": ({ control, parts: [appKey = ""] }) => control.readStreamOptions(appKey),
  "PATCH apps/:/stream-options": ({ control, parts: [appKey = ""], body }) =>
    control.setStreamOptions(appKey, body),
  "DELETE apps/:/stream-options": ({ control, parts: [appKey = ""] }) => control.resetStreamOptions(appKey),
  "GET connections": ({ control, query }) => control.listConnections(query.get("appKey") ?? undefined),
  "POST connections/:/disconnect": ({ control, parts: [id = ""], body }) =>
    control.disconnectConnection(id, reasonInput.parse(body).reason),
  "POST connections/:/mute": ({ control, parts: [id = ""] }) => control.muteConnection(id),
  "DELETE connections/:": ({ control, parts: [id = ""] }) => control.killConnection(id),
};
