import { z } from "zod";
import { defineContract } from "./contract";
import { appParams } from "./values";

const URL_CHARACTERS_MAX = 4_096;

export const signPageContract = defineContract({
  operation: "signPage",
  method: "POST",
  path: "/apps/{appId}/jsapi-signature",
  scope: "jsapi:sign",
  params: appParams,
  query: z.strictObject({ hash: z.enum(["sha256", "sha1"]).default("sha256") }),
  body: z
    .strictObject({
      url: z.string().max(URL_CHARACTERS_MAX).meta({ description: "The page's `location.href`." }),
    })
    .meta({ examples: [{ url: "https://oa.example.com/leave" }] }),
  answer: {
    status: 200,
    schema: z
      .object({
        corpId: z.string(),
        agentId: z.string(),
        timeStamp: z.int(),
        nonceStr: z.string(),
        signature: z.string(),
      })
      .meta({ id: "JsapiConfig" }),
  },
  fails: [409, 502, 504],
});
