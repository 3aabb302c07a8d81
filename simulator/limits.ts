import { z } from "zod";

const limitsShape = {
  /** Calls per second of one app on one API; null for no limit. */
  appApiPerSecond: z.number().int().positive().nullable(),
  /** Calls per second of a third-party app on one API for each customer; null for no limit. */
  suiteCorpApiPerSecond: z.number().int().positive().nullable(),
  /** Calls in 20 seconds from one address, after which it is banned for 5 minutes; null for no limit. */
  ipPer20Seconds: z.number().int().positive().nullable(),
  /** Per organization; null for no limit. */
  monthlyCalls: z.number().int().nonnegative().nullable(),
  /** Calls outside the monthly quota: reads of departments and members, as DingTalk documents, or none. */
  monthlyCallsExempt: z.enum(["contact", "none"]),
};

export const limitsPatch = z.strictObject(limitsShape).partial();
export type Limits = z.output<z.ZodObject<typeof limitsShape>>;

export const LIMITS_DEFAULT: Limits = {
  appApiPerSecond: 20,
  suiteCorpApiPerSecond: 40,
  ipPer20Seconds: null,
  monthlyCalls: null,
  monthlyCallsExempt: "contact",
};

/** Windows in which calls are counted, and the length of a ban. */
export const SECOND_MS = 1_000;
export const IP_WINDOW_MS = 20_000;
export const IP_BAN_MS = 5 * 60_000;
