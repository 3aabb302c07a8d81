import "server-only";
import { isUtf8 } from "node:buffer";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { API_BODY_BYTES_MAX } from "@/lib/limits/numbers";
import { isPlainText } from "@/lib/plain-text";
import { InvalidInput } from "@/lib/problems/problem-response";
import { isPlainAddress } from "@/lib/request/raw-address";

function refuse(error: z.ZodError, where: string): never {
  throw new InvalidInput(
    error.issues.map(({ path, message }) => ({ path: [where, ...path].join("."), message })),
  );
}

const notPlain = (where: string) =>
  new InvalidInput([{ path: where, message: "contains NUL or invalid Unicode" }]);

/** @throws {InvalidInput} for a query that PostgreSQL can't store */
export function searchOf(url: string): URLSearchParams {
  const { search, searchParams } = new URL(url);
  if (!isPlainAddress(search)) throw notPlain("query");
  return searchParams;
}

/** @throws {InvalidInput} also for a repeated parameter */
export function readQuery<T extends z.ZodObject>(schema: T, url: string): z.output<T> {
  // Without a prototype, so that `toString` is not found in it.
  const given: Record<string, string> = Object.create(null);
  for (const [name, value] of searchOf(url)) {
    if (name in given) throw new InvalidInput([{ path: `query.${name}`, message: "is given twice" }]);
    given[name] = value;
  }
  const parsed = schema.safeParse(given);
  return parsed.success ? parsed.data : refuse(parsed.error, "query");
}

/** @throws {AppError} `too_large`; `malformed` for bytes that aren't UTF-8 */
export async function readText(request: Request, bytesMax: number): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  const whole = Buffer.concat(chunks);
  // Decoding would silently replace invalid bytes.
  if (!isUtf8(whole)) throw new AppError("malformed", "the body isn't UTF-8");
  return whole.toString("utf8");
}

const tooLarge = (bytesMax: number) =>
  new AppError("too_large", "the body is too large", { detail: `${bytesMax} bytes` });

/** Returns the unparsed body, because the idempotency check compares it. */
export async function readBodyText(request: Request): Promise<string> {
  const type = request.headers.get("content-type");
  const text = await readText(request, API_BODY_BYTES_MAX);
  const isJson = /^application\/(?:[a-z.+-]*\+)?json(?:\s*;|$)/i.test(type ?? "");
  if (text !== "" && !isJson) {
    throw new AppError("wrong_content_type", "the body isn't JSON", { detail: "application/json" });
  }
  return text;
}

function plainOnly(name: string, value: unknown): unknown {
  if (!isPlainText(name) || (typeof value === "string" && !isPlainText(value))) throw notPlain("body");
  return value;
}

/** Parses a JSON body. An empty body counts as `{}`. @throws {AppError} `malformed` @throws {InvalidInput} */
export function readBody<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  let given: unknown;
  try {
    given = text === "" ? {} : JSON.parse(text, plainOnly);
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw new AppError("malformed", "the body isn't valid JSON");
  }
  const parsed = schema.safeParse(given);
  return parsed.success ? parsed.data : refuse(parsed.error, "body");
}
