import "server-only";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { InvalidInput } from "./problem";

/** Nothing that the machine API takes comes near to this. */
export const BODY_BYTES_MAX = 256 * 1_024;

function refuse(error: z.ZodError, where: string): never {
  throw new InvalidInput(
    error.issues.map(({ path, message }) => ({ path: [where, ...path].join("."), message })),
  );
}

/** Nothing that we keep can hold a null character, wherever it stands: PostgreSQL's text can't. */
function refuseNull(text: string, where: string): void {
  if (text.includes("\0")) throw new InvalidInput([{ path: where, message: "holds a null character" }]);
}

/** The address's query by its schema. A name that is given twice counts as wrong. */
export function readQuery<T extends z.ZodObject>(schema: T, url: string): z.output<T> {
  // Without a prototype: `__proto__` is a name like every other, and `toString` is given once.
  const given: Record<string, string> = Object.create(null);
  for (const [name, value] of new URL(url).searchParams) {
    if (name in given) throw new InvalidInput([{ path: `query.${name}`, message: "is given twice" }]);
    refuseNull(name + value, "query");
    given[name] = value;
  }
  const parsed = schema.safeParse(given);
  return parsed.success ? parsed.data : refuse(parsed.error, "query");
}

/** @throws {AppError} `too_large` */
async function readText(request: Request): Promise<string> {
  if (Number(request.headers.get("content-length") ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const tooLarge = () =>
  new AppError("too_large", "the body is too large", { detail: `${BODY_BYTES_MAX} bytes` });

/** What was sent, as text. The answer to a repeated request depends on it, so it comes apart. */
export async function readBodyText(request: Request): Promise<string> {
  const type = request.headers.get("content-type");
  const text = await readText(request);
  const isJson = /^application\/(?:[a-z.+-]*\+)?json(?:\s*;|$)/i.test(type ?? "");
  if (text !== "" && !isJson) {
    throw new AppError("wrong_content_type", "the body isn't JSON", { detail: "application/json" });
  }
  return text;
}

function withoutNull(name: string, value: unknown): unknown {
  refuseNull(typeof value === "string" ? name + value : name, "body");
  return value;
}

/** A JSON body by its schema; none at all is read as an empty object. */
export function readBody<T extends z.ZodType>(schema: T, text: string): z.output<T> {
  let given: unknown;
  try {
    given = text === "" ? {} : JSON.parse(text, withoutNull);
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    throw new AppError("malformed", "the body is no JSON");
  }
  const parsed = schema.safeParse(given);
  return parsed.success ? parsed.data : refuse(parsed.error, "body");
}
