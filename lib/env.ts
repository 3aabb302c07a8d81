import ipaddr from "ipaddr.js";
import { z } from "zod";
import { isLoopbackHost } from "@/lib/loopback";

const flag = z.enum(["0", "1"]).transform((value) => value === "1");
const positive = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const httpUrl = z.url({ protocol: /^https?$/ });
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/ });
const commaList = z.string().transform((text) =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== ""),
);

const isNetwork = (text: string) => (text.includes("/") ? ipaddr.isValidCIDR(text) : ipaddr.isValid(text));

const networks = commaList.pipe(
  z.array(z.string().refine(isNetwork, "must be a list of addresses and networks such as 10.0.0.0/8")),
);

/** The first key encrypts. All keys decrypt. */
const encryptionKeys = commaList.pipe(
  z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,32}:[A-Za-z0-9+/]{43}=$/, "must be a list of id:base64 with 32 bytes each"),
    )
    .min(1),
);

export const envSchema = z.object({
  DATABASE_URL: postgresUrl,
  DATABASE_DIRECT_URL: postgresUrl.optional(),
  MIGRATION_DATABASE_URL: postgresUrl.optional(),
  NEXTAUTH_URL: httpUrl,
  NEXTAUTH_SECRET: commaList.pipe(
    z.array(z.string().min(32, "must have at least 32 characters in each part")).min(1),
  ),
  ENCRYPTION_KEYS: encryptionKeys,
  DINGTALK_OAPI_URL: httpUrl.default("https://oapi.dingtalk.com"),
  DINGTALK_API_URL: httpUrl.default("https://api.dingtalk.com"),
  DINGTALK_QPS: positive(20),
  DINGTALK_IP_BUDGET: positive(8_000),
  DINGTALK_PROXY_URL: httpUrl.optional(),
  EGRESS_ADDRESSES: commaList.default([]),
  TRUSTED_PROXIES: networks.default([]),
  SIGN_UP: z.enum(["open", "first", "off"]).default("first"),
  SYNC_CONCURRENCY: positive(10),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  METRICS_TOKEN: z.string().min(16, "must have at least 16 characters").optional(),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  WORKER: z.enum(["inline", "off"]).default("inline"),
  ALLOW_HTTP: flag.default(false),
  SESSION_IDLE_HOURS: positive(12),
  SESSION_MAX_DAYS: positive(14),
  MAX_APPS: positive(10),
  MAX_KEYS: positive(20),
  STALE_KEY_SECONDS: positive(600),
  MAX_ENDPOINTS: positive(20),
  WEBHOOK_ALLOW_PRIVATE: flag.default(false),
  MAX_DEPARTMENTS: positive(200_000),
  MAX_MEMBERS: positive(1_000_000),
});

export type Env = z.infer<typeof envSchema>;

/** Names an invalid variable, never its value. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** Treats an empty variable as unset, as Docker and `.env` files require. @throws {ConfigurationError} */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): Env {
  const variables = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  const parsed = envSchema.safeParse(variables);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const name = String(issue?.path[0]);
    const complaint = variables[name] === undefined ? "is missing" : `is invalid: ${issue?.message}`;
    throw new ConfigurationError(`${name} ${complaint}. See .env.example.`);
  }
  const address = new URL(parsed.data.NEXTAUTH_URL);
  if (address.protocol === "http:" && !isLoopbackHost(address.hostname) && !parsed.data.ALLOW_HTTP) {
    throw new ConfigurationError(
      "NEXTAUTH_URL uses http on an address other than localhost, so passwords would be sent unencrypted. Use https or set ALLOW_HTTP=1.",
    );
  }
  return parsed.data;
}

let parsed: Env | undefined;

/** Parses `process.env` on first use, because `next build` loads modules without variables. */
export function env(): Env {
  parsed ??= parseEnv(process.env);
  return parsed;
}
