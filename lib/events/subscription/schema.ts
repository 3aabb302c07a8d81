import { z } from "zod";
import { isAesKey } from "@/lib/dingtalk/callback-crypto";
import { withoutPasted } from "@/lib/dingtalk-apps/setting-choices";

const TOKEN = /^[A-Za-z0-9_-]{3,64}$/;

const pasted = z
  .string()
  .default("")
  .transform((text) => withoutPasted(text) || null);

/** Empty fields are generated. DingTalk's console accepts tokens of 3 to 32 characters, its API 6 to 64. */
export const setUpInput = z.object({
  token: pasted.refine((token) => token === null || TOKEN.test(token), "token"),
  aesKey: pasted.refine((key) => key === null || isAesKey(key), "aesKey"),
});
export type SetUpInput = z.output<typeof setUpInput>;

/** `stream`: Dingkeep connects to DingTalk. `http`: DingTalk calls Dingkeep. */
export const EVENT_WAYS = ["stream", "http"] as const;
export type EventWay = (typeof EVENT_WAYS)[number];

export const chooseWayInput = z.object({ app: z.string(), way: z.enum(EVENT_WAYS) });
