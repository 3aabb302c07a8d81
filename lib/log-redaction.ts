const VALUE_CHARACTERS_MAX = 1_000;

/** Second protection, for a secret that isn't a `Redacted`. */
export const REDACTED_PATHS = [
  "password",
  "appSecret",
  "accessToken",
  "token",
  "secret",
  "cookie",
  "authorization",
].flatMap((name) => [name, `*.${name}`]);

const QUERY = /((?:^|[\s"'(<])(?:[a-z][a-z0-9+.-]*:\/)?\/[^\s"'<>?#]*)\?[^\s"'<>]*/gi;
const DEPTH_MAX = 6;

/** Truncates a value and removes queries from addresses (S22). */
function sanitizeText(text: string): string {
  const safe = text.replace(QUERY, "$1?…");
  return safe.length <= VALUE_CHARACTERS_MAX ? safe : `${safe.slice(0, VALUE_CHARACTERS_MAX)}…`;
}

function sanitize(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return sanitizeText(value);
  if (value instanceof Error) return describeError(value, depth);
  if (value instanceof URL) return sanitizeText(value.href);
  if (value instanceof Uint8Array) return `[${value.length} bytes]`;
  if (typeof value !== "object" || value === null || "toJSON" in value) return value;
  if (depth >= DEPTH_MAX) return "…";
  if (Array.isArray(value)) return value.map((item) => sanitize(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, sanitize(item, depth + 1)]));
}

/**
 * Returns name, message, code, stack and cause only, because libraries store requests and parameters in other
 * properties.
 */
function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return sanitizeText(String(error));
  // The text before the first "at" repeats the message uncut.
  const frames = error.stack?.split("\n").filter((frame) => frame.startsWith("    at "));
  const code: unknown = Reflect.get(error, "code");
  return {
    name: error.name,
    message: sanitizeText(error.message),
    ...(typeof code === "string" && { code: sanitizeText(code) }),
    stack: frames?.slice(0, 11).join("\n"),
    ...(error.cause !== undefined && depth < 3 && { cause: describeError(error.cause, depth + 1) }),
  };
}

/** Returns the fields of a log line without queries, long texts and foreign properties of errors. */
export const redactFields = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      name === "error" ? describeError(value) : sanitize(value),
    ]),
  );
