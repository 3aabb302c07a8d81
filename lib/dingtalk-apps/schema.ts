import { z } from "zod";
import { DINGTALK_THROTTLE_SCOPES } from "@/lib/dingtalk/error-kinds";
import { CALLS_PER_SECOND, type CHECKS, SYNC_EVERY_HOURS, withoutPasted } from "./form-values";

const NAME_CHARACTERS_MAX = 128;
const VALUE_CHARACTERS_MAX = 200;
/** More than any edition allows. */
export const CALLS_PER_MONTH_MAX = 1_000_000_000;
const TICKET_CHARACTERS_MAX = 1_000;

/** An identifier as DingTalk made it: nothing that pasting added can belong to it. */
const pasted = z.string({ error: "required" }).transform(withoutPasted);

export const appName = z
  .string({ error: "required" })
  .refine((name) => name.trim() !== "", "required")
  .refine((name) => name.length <= NAME_CHARACTERS_MAX, "nameLong")
  .refine((name) => !name.includes("\0"), "invalid");

const appKey = pasted.pipe(z.string().min(1, "required").max(VALUE_CHARACTERS_MAX, "invalid"));

/** Trimmed at its ends only: a space inside is worth a warning, not a silent change. */
export const appSecret = z
  .string({ error: "required" })
  .transform((text) => text.trim())
  .pipe(z.string().min(1, "required").max(VALUE_CHARACTERS_MAX, "invalid"));

export const corpId = pasted
  .pipe(z.string().max(VALUE_CHARACTERS_MAX, "invalid"))
  .transform((text) => text || null);
/** Where the token depends on it, and where it is part of an address. */
const neededCorpId = pasted.pipe(
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

/** `https://host[:port]`, as browsers say it; `null` for what is more than that, or something else. */
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

/** Origins of pages, a line each. */
export const jsapiOrigins = z
  .string()
  .transform((text) => text.split(/\s+/u).filter((line) => line !== ""))
  .pipe(originList);

/** What is given for each kind; what says no kind is an internal app's. */
export const credentialFields = {
  internal: { kind: z.literal("internal").optional(), appKey, appSecret },
  unified: { kind: z.literal("unified"), appKey, appSecret, corpId: neededCorpId },
  isv: {
    kind: z.literal("isv"),
    suiteKey: appKey,
    suiteSecret: appSecret,
    /** The first one may come by callback, once the app is connected. */
    suiteTicket: suiteTicket.default("").transform((text) => text || null),
    corpId: neededCorpId,
  },
};

/** The credentials alone: what *Test connection* looks at. */
export const credentialsInput = z.discriminatedUnion("kind", [
  z.object(credentialFields.internal),
  z.object(credentialFields.unified),
  z.object(credentialFields.isv),
]);
export type CredentialsInput = z.infer<typeof credentialsInput>;

const connected = {
  name: appName,
  agentId,
  /** Save although the test fails for a reason that isn't in the form. */
  isDraft: z
    .enum(["0", "1"])
    .default("0")
    .transform((flag) => flag === "1"),
};

export const connectAppInput = z.discriminatedUnion("kind", [
  z.object({ ...credentialFields.internal, ...connected, corpId }),
  z.object({ ...credentialFields.unified, ...connected }),
  z.object({ ...credentialFields.isv, ...connected }),
]);
export type ConnectAppInput = z.infer<typeof connectAppInput>;

export const changeAppInput = z.object({
  name: appName,
  /** Of an internal app; every other kind's is whose app it is, and stays. */
  corpId,
  agentId,
  syncEveryHours: z.coerce
    .number()
    .refine((hours) => SYNC_EVERY_HOURS.some((one) => one === hours), "invalid"),
  /** Empty: as the server is configured. What isn't there stays as it is. */
  callsPerSecond: z
    .string()
    .transform((text) => (text === "" ? null : Number(text)))
    .refine((calls) => calls === null || CALLS_PER_SECOND.some((one) => one === calls), "invalid")
    .optional(),
  /** What isn't there stays as it is. */
  callsPerMonth: z.coerce
    .number()
    .int("invalid")
    .min(1, "invalid")
    .max(CALLS_PER_MONTH_MAX, "invalid")
    .optional(),
  /** What isn't there stays as it is. */
  jsapiOrigins: jsapiOrigins.optional(),
});
export type ChangeAppInput = z.infer<typeof changeAppInput>;

/** Of every kind: a third-party app's is its SuiteSecret. */
export const replaceSecretInput = z.object({ appSecret });

export const replaceTicketInput = z.object({ suiteTicket: suiteTicket.pipe(z.string().min(1, "required")) });

export const deleteAppInput = z.object({ typed: z.string().max(300) });

/** A failure of DingTalk's as a page shows it: what `DingtalkError.describe()` said, less what is only for the log. */
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
  /** Whom a throttle holds back; these four are not needed, so that what is stored without them stays a fault. */
  throttleScope: z.enum(DINGTALK_THROTTLE_SCOPES).nullable().catch(null),
  status: z.number().nullable().catch(null),
  contentType: z.string().nullable().catch(null),
  /** The first characters of an answer that is no JSON, already without what was sent. */
  bodyStart: z.string().nullable().catch(null),
});
export type Fault = z.infer<typeof fault>;

/** A stored description as a page shows it; `null` when there is none, or none of DingTalk's. */
export function toFault(stored: unknown): Fault | null {
  const parsed = fault.safeParse(stored);
  return parsed.success ? parsed.data : null;
}

export type CheckName = (typeof CHECKS)[number];
export type CheckStatus = "passed" | "warning" | "failed" | "not_run";

/** One line of a connection's test. */
export type Check = {
  readonly name: CheckName;
  readonly status: CheckStatus;
  readonly durationMs: number | null;
  /** What was seen, by the name that the line's sentence uses. */
  readonly facts: Readonly<Record<string, string | number>>;
  readonly fault: Fault | null;
};

/** What a connection's test saw. */
export type ConnectionTest = {
  readonly checks: readonly Check[];
  /** Nothing failed: the app can be saved and synced. */
  readonly isPassed: boolean;
  /** It failed for a reason that isn't in the form, so it may be kept as a draft. */
  readonly mayBeDraft: boolean;
};
