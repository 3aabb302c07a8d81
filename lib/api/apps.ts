import { z } from "zod";
import { defineContract } from "./contract";
import { time } from "./values";

/** An app as programs see it. The secret is not in it. */
export const appAnswer = z
  .object({
    id: z.uuid(),
    name: z.string(),
    appKey: z.string(),
    corpId: z.string().nullable(),
    agentId: z.string().nullable(),
    state: z.enum(["draft", "verified", "degraded", "broken", "disabled"]),
    stateSince: time,
    createdAt: time,
  })
  .meta({ id: "App" });

const none = z.strictObject({});

export const listAppsContract = defineContract({
  operation: "listApps",
  method: "GET",
  path: "/apps",
  scope: "apps:read",
  params: none,
  query: none,
  body: null,
  answer: { status: 200, schema: z.object({ apps: z.array(appAnswer) }) },
});
