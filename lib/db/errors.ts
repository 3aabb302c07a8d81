import { AppError } from "@/lib/errors";

const RETRY_AFTER_SECONDS = 5;

const UNAVAILABLE = new Set(
  (
    "57014 57P01 57P02 57P03 57P05 55P03 53100 53200 53300 08000 08001 08003 08004 08006 25P03 40001 40P01 " +
    "P1001 P1002 P1008 P1017 P2024 P2028 P2034 " +
    "ECONNREFUSED ECONNRESET EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN"
  ).split(" "),
);

type Coded = { readonly code?: unknown; readonly cause?: unknown; readonly meta?: unknown };

function* codesOf(error: unknown, depth = 0): Generator<string> {
  if (typeof error !== "object" || error === null || depth > 4) return;
  const { code, cause, meta } = error as Coded;
  if (typeof code === "string") yield code;
  const { originalCode, driverAdapterError } = error as {
    originalCode?: unknown;
    driverAdapterError?: unknown;
  };
  if (typeof originalCode === "string") yield originalCode;
  yield* codesOf(cause, depth + 1);
  yield* codesOf(driverAdapterError, depth + 1);
  yield* codesOf(meta, depth + 1);
}

/** Recognizes the driver's connection errors, which have no code, by their messages. */
const isLostConnection = (error: unknown) =>
  error instanceof Error &&
  /timeout exceeded when trying to connect|Connection terminated|is not queryable/.test(error.message);

/** Returns `unavailable` for a database error that a retry may solve, and any other error unchanged. */
export function shapeDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const unavailable = isLostConnection(error) || [...codesOf(error)].some((code) => UNAVAILABLE.has(code));
  if (!unavailable) return error;
  return new AppError("unavailable", "the database didn't answer in time", {
    cause: error,
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

export function isUniqueConflict(error: unknown): boolean {
  const codes = new Set(codesOf(error));
  return codes.has("P2002") || codes.has("23505");
}

export const isStatementCanceled = (error: unknown): boolean => new Set(codesOf(error)).has("57014");
