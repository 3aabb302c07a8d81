import { z } from "zod";
import { DINGTALK_THROTTLE_SCOPES } from "@/lib/dingtalk/error-kinds";
import { CALLS_PER_SECOND, type CHECKS, SYNC_EVERY_HOURS, withoutPasted } from "./setting-choices";

const NAME_CHARACTERS_MAX = 128;
const VALUE_CHARACTERS_MAX = 200;
export const CALLS_PER_MONTH_MAX = 1_000_000_000;
const TICKET_CHARACTERS_MAX = 1_000;

const pasted = z.string({ error: "required" }).transform(withoutPasted);

export const appName = z
  .string({ error: "required" })
  .refine((name) => name.trim() !== "", "required")
  .refine((name) => name.length <= NAME_CHARACTERS_MAX, "nameLong")
  .refine((name) => !name.includes("\0"), "invalid");

const appKey = pasted.pipe(z.string().min(1, "required").max(VALUE_CHARACTERS_MAX, "invalid"));

/** Trimmed at both ends only: the form warns about a space inside, which must not be removed silently. */
export const appSecret = z
  .string({ error: "required" })
  .transform((text) => text.trim())
  .pipe(z.string().min(1, "required").max(VALUE_CHARACTERS_MAX, "invalid"));

export const corpId = pasted
  .pipe(z.string().max(VALUE_CHARACTERS_MAX, "invalid"))
  .transform((text) => text || null);
const requiredCorpId = pasted.pipe(
  z
    .string()
    .min(1, "required")
    .max(VALUE_CHARACTERS_MAX, "invalid")
    .regex(/^[\w-]*$/, "invalid"),
);
export const agentId = pasted
  .pipe(z.string().regex(/^\d{0,32}$/, "digits"))
  .transform((text) => text || null);
export const suiteTicket = pasted.pipe(z.string().max(TICKET_CHARACTERS_MAX, "invalid"));

const ORIGINS_MAX = 20;

/** Returns the origin in the form of browsers, `https://host[:port]`; `null` for any other text. */
function originOf(text: string): string | null {
  const url = URL.parse(text);
  const isOrigin = url?.protocol === "https:" && url.href === `${url.origin}/`;
  return isOrigin ? url.origin : null;
}

export const originList = z
  .array(z.string())
  .max(ORIGINS_MAX, "originsMany")
  .refine((lines) => lines.every((line) => originOf(line) !== null), "origin")
  .transform((lines) => [...new Set(lines.map((line) => originOf(line) ?? ""))]);

export const jsapiOrigins = z
  .string()
  .transform((text) => text.split(/\s+/u).filter((line) => line !== ""))
  .pipe(originList);

/** Credentials by kind of app. A missing kind means internal. */
export const credentialFields = {
  internal: { kind: z.literal("internal").optional(), appKey, appSecret },
  unified: { kind: z.literal("unified"), appKey, appSecret, corpId: requiredCorpId },
  isv: {
    kind: z.literal("isv"),
    suiteKey: appKey,
    suiteSecret: appSecret,
    /** The first ticket may arrive by callback after the app is connected. */
    suiteTicket: suiteTicket.default("").transform((text) => text || null),
    corpId: requiredCorpId,
  },
};

export const credentialsInput = z.discriminatedUnion("kind", [
  z.object(credentialFields.internal),
  z.object(credentialFields.unified),
  z.object(credentialFields.isv),
]);
export type CredentialsInput = z.infer<typeof credentialsInput>;

const commonFields = {
  name: appName,
  agentId,
  /** Stores the app even if the test fails for a reason outside the form. */
  isDraft: z
    .enum(["0", "1"])
    .default("0")
    .transform((flag) => flag === "1"),
};

export const connectAppInput = z.discriminatedUnion("kind", [
  z.object({ ...credentialFields.internal, ...commonFields, corpId }),
  z.object({ ...credentialFields.unified, ...commonFields }),
  z.object({ ...credentialFields.isv, ...commonFields }),
]);
export type ConnectAppInput = z.infer<typeof connectAppInput>;

export const changeAppInput = z.object({
  name: appName,
  /** Applies to internal apps only. The CorpId of other kinds identifies the app. */
  corpId,
  agentId,
  syncEveryHours: z.coerce
    .number()
    .refine((hours) => SYNC_EVERY_HOURS.some((one) => one === hours), "invalid"),
  /** Empty for the server's default. A missing value doesn't change the setting. */
  callsPerSecond: z
    .string()
    .transform((text) => (text === "" ? null : Number(text)))
    .refine((calls) => calls === null || CALLS_PER_SECOND.some((one) => one === calls), "invalid")
    .optional(),
  callsPerMonth: z.coerce
    .number()
    .int("invalid")
    .min(1, "invalid")
    .max(CALLS_PER_MONTH_MAX, "invalid")
    .optional(),
  jsapiOrigins: jsapiOrigins.optional(),
});
export type ChangeAppInput = z.infer<typeof changeAppInput>;

/** For all kinds; a third-party app's secret is its SuiteSecret. */
export const replaceSecretInput = z.object({ appSecret });

export const replaceTicketInput = z.object({ suiteTicket: suiteTicket.pipe(z.string().min(1, "required")) });

export const deleteAppInput = z.object({ typed: z.string().max(300) });

/** A DingTalk error as pages show it: the result of `DingtalkError.describe()` without details for the log. */
export const fault = z.object({
  kind: z.string(),
  retry: z.enum(["auto", "once", "no"]),
  api: z.string(),
  host: z.string(),
  code: z.string().nullable(),
  subCode: z.string().nullable(),
  message: z.string(),
  requestId: z.string().nullable(),
  requiredScopes: z.array(z.string()),
  callerIp: z.string().nullable(),
  /** Scope of a throttle. This field and the next three are missing in older rows. */
  throttleScope: z.enum(DINGTALK_THROTTLE_SCOPES).nullable().catch(null),
  status: z.number().nullable().catch(null),
  contentType: z.string().nullable().catch(null),
  /** First characters of an answer that is not JSON, without secrets. */
  bodyStart: z.string().nullable().catch(null),
});
export type Fault = z.infer<typeof fault>;

export function toFault(stored: unknown): Fault | null {
  const parsed = fault.safeParse(stored);
  return parsed.success ? parsed.data : null;
}

export type CheckName = (typeof CHECKS)[number];
export type CheckStatus = "passed" | "warning" | "failed" | "not_run";

export type Check = {
  readonly name: CheckName;
  readonly status: CheckStatus;
  readonly durationMs: number | null;
  readonly facts: Readonly<Record<string, string | number>>;
  readonly fault: Fault | null;
};

export type ConnectionTest = {
  readonly checks: readonly Check[];
  readonly isPassed: boolean;
  /** The test failed for a reason outside the form, so the app may be stored as a draft. */
  readonly mayBeDraft: boolean;
};
