import "server-only";
import pino from "pino";
import { env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";

const VALUE_CHARACTERS_MAX = 1_000;

/** Field names under which a secret could be logged by mistake. The type `Redacted` is the first protection. */
const REDACTED_PATHS = [
  "password",
  "appSecret",
  "accessToken",
  "token",
  "secret",
  "cookie",
  "authorization",
].flatMap((name) => [name, `*.${name}`]);

/** Matches an address with a query, which may contain secrets. */
const QUERY = /((?:^|[\s"'(<])(?:[a-z][a-z0-9+.-]*:\/)?\/[^\s"'<>?#]*)\?[^\s"'<>]*/gi;
const DEPTH_MAX = 6;

/**
 * Cuts outside values and removes queries from addresses. JSON escapes line breaks and control characters (S22).
 */
function cut(text: string): string {
  const shown = text.replace(QUERY, "$1?…");
  return shown.length <= VALUE_CHARACTERS_MAX ? shown : `${shown.slice(0, VALUE_CHARACTERS_MAX)}…`;
}

/** Cuts all nested values and shortens nested errors. */
function shown(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return cut(value);
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof URL) return cut(value.href);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  if (depth >= DEPTH_MAX) return "…";
  if (Array.isArray(value)) return value.map((item) => shown(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, shown(item, depth + 1)]));
}

/**
 * Returns name, message and stack of an error and its causes. Other properties are omitted, because libraries store
 * requests, parameters and answers in them.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return cut(String(error));
  // The text before the first "at" repeats the message uncut.
  const frames = error.stack?.split("\n").filter((frame) => frame.startsWith("    at "));
  const code: unknown = Reflect.get(error, "code");
  return {
    name: error.name,
    message: cut(error.message),
    ...(typeof code === "string" && { code: cut(code) }),
    stack: frames?.slice(0, 11).join("\n"),
    ...(error.cause !== undefined && depth < 3 && { cause: describeError(error.cause, depth + 1) }),
  };
}

function makeLogger() {
  return pino({
    level: env().LOG_LEVEL,
    redact: { paths: REDACTED_PATHS, censor: "[redacted]" },
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: (fields) =>
        Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [
            name,
            name === "error" ? describeError(value) : shown(value),
          ]),
        ),
    },
  });
}

type Fields = Readonly<Record<string, unknown>> & { readonly error?: unknown };

const at =
  (level: "debug" | "info" | "warn" | "error") =>
  (message: string, fields: Fields = {}): void =>
    processWide("log", makeLogger)[level](fields, message);

/** The only logger. It writes one JSON object per line to standard output; pass an error as the field `error`. */
export const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
