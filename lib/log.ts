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

/** The query of an address, whole or from its path on: secrets stand in it. */
const QUERY = /((?:^|[\s"'(<])(?:[a-z][a-z0-9+.-]*:\/)?\/[^\s"'<>?#]*)\?[^\s"'<>]*/gi;
const DEPTH_MAX = 6;

/**
 * Cuts what came from outside and takes queries off addresses. JSON escapes line ends and control characters,
 * so a line stays a line (S22).
 */
function cut(text: string): string {
  const shown = text.replace(QUERY, "$1?…");
  return shown.length <= VALUE_CHARACTERS_MAX ? shown : `${shown.slice(0, VALUE_CHARACTERS_MAX)}…`;
}

/** The same for whatever lies in a value, an error wherever it lies. */
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
 * Name, message and place of an error and its causes, and none of its other properties: libraries hang
 * requests, parameters and whole answers on their errors.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return cut(String(error));
  // What stands before the first "at" is the message once more, uncut.
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

/** The only logger: one JSON object a line on standard output. An error goes under the name `error`. */
export const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
