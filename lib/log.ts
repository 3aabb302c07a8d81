import "server-only";
import pino from "pino";
import { env } from "@/lib/env";
import { processWide } from "@/lib/process-wide";
import { REDACTED_PATHS, redactFields } from "./log-redaction";

function makeLogger() {
  return pino({
    level: env().LOG_LEVEL,
    redact: { paths: REDACTED_PATHS, censor: "[redacted]" },
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: redactFields,
    },
  });
}

type Fields = Readonly<Record<string, unknown>> & { readonly error?: unknown };

const at =
  (level: "debug" | "info" | "warn" | "error") =>
  (message: string, fields: Fields = {}): void =>
    processWide("log", makeLogger)[level](fields, message);

/** Writes one JSON object per line to standard output. Pass an error as the field `error`. */
export const log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
