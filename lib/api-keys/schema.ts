import ipaddr from "ipaddr.js";
import { z } from "zod";
import { SCOPES, type Scope } from "@/lib/auth/scopes";
import { KEY_REQUESTS_PER_MINUTE } from "@/lib/limits/numbers";
import { EXPIRY_DAYS, EXPIRY_DAYS_DEFAULT } from "./expiry-choices";

const NAME_CHARACTERS_MAX = 128;
const LIST_MAX = 50;

const list = z
  .string()
  .default("")
  .transform((text) =>
    text
      .split(/[\s,，、]+/)
      .map((part) => part.trim())
      .filter((part) => part !== ""),
  )
  .refine((values) => values.length <= LIST_MAX, "tooMany");

const isNetwork = (text: string) => (text.includes("/") ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text));

const PREFIX = /^[A-Za-z0-9_][A-Za-z0-9_./-]{0,199}$/;

/** The form sends checkboxes of one name as one comma-separated text. */
const scopes = z
  .string({ error: "required" })
  .transform((text) => text.split(",").filter((part) => part !== ""))
  .refine((values) => values.length > 0, "required")
  .pipe(z.array(z.enum(SCOPES as [Scope, ...Scope[]])));

export const createKeyInput = z
  .object({
    name: z
      .string({ error: "required" })
      .refine((name) => name.trim() !== "", "required")
      .refine((name) => name.length <= NAME_CHARACTERS_MAX, "nameLong"),
    scopes,
    /** `all`, or comma-separated ids. */
    apps: z
      .string()
      .default("all")
      .refine((apps) => apps.split(",").some((id) => id !== ""), "required"),
    expiryDays: z.coerce
      .number()
      .refine((days) => EXPIRY_DAYS.some((one) => one === days), "invalid")
      .default(EXPIRY_DAYS_DEFAULT),
    networks: list.refine((values) => values.every(isNetwork), "networks"),
    pathPrefixes: list
      .transform((values) => values.map((value) => value.replace(/^\/+/, "")))
      .refine((values) => values.every((value) => PREFIX.test(value) && !value.includes("..")), "prefixes"),
    requestsPerMinute: z.coerce
      .number("rate")
      .int("rate")
      .min(1, "rate")
      .max(KEY_REQUESTS_PER_MINUTE.max, "rate")
      .default(KEY_REQUESTS_PER_MINUTE.default),
    monthlyShare: z
      .string()
      .default("")
      .transform((text) => (text.trim() === "" ? null : Number(text)))
      .refine(
        (share) => share === null || (Number.isInteger(share) && share > 0 && share <= 100_000_000),
        "share",
      ),
  })
  .transform(({ apps, ...rest }) => ({
    ...rest,
    appIds: apps === "all" ? null : apps.split(",").filter((id) => id !== ""),
  }));

export type CreateKeyInput = z.output<typeof createKeyInput>;

export const revokeKeyInput = z.object({ keyId: z.string() });
