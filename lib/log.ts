import "server-only";
import pino from "pino";
import { env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";

const VALUE_CHARACTERS_MAX = 1_000;

/** Names under which a secret could be handed to the log by mistake; the values' own types come first. */
const REDACTED_PATHS = [
  "password",
  "appSecret",
  "accessToken",
  "token",
  "secret",
  "cookie",
  "authorization",
].flatMap((name) => [name, `*.${name}`]);

/** Cuts what came from outside. JSON escapes line ends and control characters, so a line stays a line (S22). */
function cut(value: unknown): unknown {
  if (typeof value !== "string" || value.length <= VALUE_CHARACTERS_MAX) return value;
  return `${value.slice(0, VALUE_CHARACTERS_MAX)}…`;
}

/**
 * Name, message and place of an error and its causes, and none of its other properties: libraries hang
 * requests, parameters and whole answers on their errors.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return cut(String(error));
  const code: unknown = Reflect.get(error, "code");
  return {
    name: error.name,
    message: cut(error.message),
    ...(typeof code === "string" && { code: cut(code) }),
    stack: error.stack?.split("\n").slice(1, 12).join("\n"),
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
      log: (fields) => Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cut(value)])),
    },
    serializers: { error: (error: unknown) => describeError(error) },
  });
}

type Fields = Readonly<Record<string, unknown>> & { readonly error?: unknown };

const at =
  (level: "debug" | "info" | "warn" | "error") =>
  (message: string, fields: Fields = {}): void =>
    processWide("log", makeLogger)[level](fields, message);

/** The only logger: one JSON object a line on standard output. An error goes under the name `error`. */
export const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
