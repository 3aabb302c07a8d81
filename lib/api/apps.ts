import { z } from "zod";
import type { App } from "@/lib/dingtalk-apps/queries";
import {
  agentId,
  appName,
  appSecret,
  CALLS_PER_MONTH_MAX,
  corpId,
  credentialFields,
  originList,
  suiteTicket,
  toFault,
} from "@/lib/dingtalk-apps/schema";
import { CALLS_PER_SECOND, SYNC_EVERY_HOURS } from "@/lib/dingtalk-apps/setting-choices";
import { defineContract } from "./contract";
import { appParams, id, none, time } from "./values";

/** DingTalk's error that put the app into another state than *verified*. */
const stateReason = z
  .object({
    kind: z.string(),
    api: z.string(),
    code: z.string().nullable(),
    subCode: z.string().nullable(),
    message: z.string(),
    requestId: z.string().nullable(),
  })
  .meta({ id: "StateReason" });

export const appAnswer = z
  .object({
    id,
    kind: z.enum(["internal", "unified", "isv"]),
    name: z.string(),
    appKey: z.string().meta({ description: "A third-party app's SuiteKey." }),
    corpId: z.string().nullable(),
    agentId: z.string().nullable(),
    state: z.enum(["draft", "verified", "degraded", "broken", "disabled"]),
    stateSince: time,
    stateReason: stateReason.nullable(),
    verifiedAt: time.nullable(),
    suiteTicketAt: time.nullable(),
    syncEveryHours: z.int(),
    callsPerSecond: z.int().nullable(),
    callsPerMonth: z
      .int()
      .meta({ description: "Monthly quota of billable calls in the app's DingTalk edition." }),
    jsapiOrigins: z.array(z.string()),
    lastSyncedAt: time.nullable(),
    createdAt: time,
  })
  .meta({ id: "App" });

export function toAppAnswer(app: App): z.input<typeof appAnswer> {
  const fault = toFault(app.stateReason);
  return {
    id: app.id,
    kind: app.kind,
    name: app.name,
    appKey: app.appKey,
    corpId: app.corpId,
    agentId: app.agentId,
    state: app.state,
    stateSince: app.stateSince,
    stateReason: fault && stateReason.parse(fault),
    verifiedAt: app.verifiedAt,
    suiteTicketAt: app.suiteTicketAt,
    syncEveryHours: app.syncEveryHours,
    callsPerSecond: app.callsPerSecond,
    callsPerMonth: app.callsPerMonth,
    jsapiOrigins: [...app.jsapiOrigins],
    lastSyncedAt: app.lastSeenAt,
    createdAt: app.createdAt,
  };
}

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

export const getAppContract = defineContract({
  operation: "getApp",
  method: "GET",
  path: "/apps/{appId}",
  scope: "apps:read",
  params: appParams,
  query: none,
  body: null,
  answer: { status: 200, schema: appAnswer },
});

const optionalAgentId = agentId.nullable().default(null);

const connected = {
  name: appName.meta({ examples: ["HR"] }),
  agentId: optionalAgentId,
  isDraft: z.boolean().default(false).meta({
    description: "Save a draft even if the connection test fails for a reason other than the input.",
  }),
};

export const createAppContract = defineContract({
  operation: "createApp",
  method: "POST",
  path: "/apps",
  scope: "apps:manage",
  params: none,
  query: none,
  body: z
    .discriminatedUnion("kind", [
      z.strictObject({
        ...credentialFields.internal,
        ...connected,
        corpId: corpId.nullable().default(null),
      }),
      z.strictObject({ ...credentialFields.unified, ...connected }),
      z.strictObject({ ...credentialFields.isv, ...connected }),
    ])
    .meta({
      examples: [
        { kind: "internal", name: "HR", appKey: "dingexample0000000000", appSecret: "the AppSecret" },
      ],
    }),
  answer: { status: 201, schema: appAnswer },
  fails: [409, 502, 504],
});

export const changeAppContract = defineContract({
  operation: "changeApp",
  method: "PATCH",
  path: "/apps/{appId}",
  scope: "apps:manage",
  params: appParams,
  query: none,
  body: z
    .strictObject({
      name: appName,
      corpId: corpId.nullable().meta({ description: "Can be changed only for internal apps." }),
      agentId: agentId.nullable(),
      syncEveryHours: z.literal(SYNC_EVERY_HOURS),
      callsPerSecond: z.literal(CALLS_PER_SECOND).nullable(),
      callsPerMonth: z.int().min(1).max(CALLS_PER_MONTH_MAX),
      jsapiOrigins: originList,
      appSecret: appSecret.meta({ description: "Saved after DingTalk has returned a token for it." }),
      suiteTicket: suiteTicket.pipe(z.string().min(1, "required")),
    })
    .partial()
    .meta({ examples: [{ name: "HR", syncEveryHours: 6 }] }),
  answer: { status: 200, schema: appAnswer },
  fails: [409, 502, 504],
});

export const deleteAppContract = defineContract({
  operation: "deleteApp",
  method: "DELETE",
  path: "/apps/{appId}",
  scope: "apps:manage",
  params: appParams,
  query: none,
  body: null,
  answer: { status: 204, schema: null },
});
