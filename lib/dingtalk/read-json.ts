import { err, ok, type Result } from "@/lib/result";

export type JsonValue = null | boolean | number | string | JsonValue[] | JsonObject;

/** An object without a prototype, so that keys such as `__proto__` have no effect. */
export type JsonObject = { [key: string]: JsonValue };

/** `syntax`: not JSON; `depth`: nested too deep; `nodes`: too many values; `number`: larger than a double. */
export type JsonRefusal = "syntax" | "depth" | "nodes" | "number";

const DEPTH_MAX = 64;
const NODES_MAX = 100_000;

class Refused extends Error {
  readonly reason: JsonRefusal;

  constructor(reason: JsonRefusal) {
    super(reason);
    this.reason = reason;
  }
}

type Reader = { readonly text: string; at: number; depth: number; nodes: number };

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Parses JSON from an untrusted source. It never throws.
 *
 * Unlike `JSON.parse`, it refuses more than 64 levels, more than 100,000 values, and numbers such as `1e999`.
 * Objects have no prototype. An integer beyond 2^53 becomes its decimal text instead of a rounded number. NUL and
 * lone surrogates become U+FFFD, because PostgreSQL can't store them.
 *
 * `lossless-json` was tried: it limits neither levels nor values, overflows the stack, and accepts `1e999`.
 */
export function parseJson(text: string): Result<JsonValue, JsonRefusal> {
  const reader: Reader = { text, at: 0, depth: 0, nodes: 0 };
  try {
    const value = readValue(reader);
    skipSpace(reader);
    return reader.at === text.length ? ok(value) : err("syntax");
  } catch (error) {
    if (error instanceof Refused) return err(error.reason);
    throw error;
  }
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readValue(reader: Reader): JsonValue {
  reader.nodes += 1;
  if (reader.nodes > NODES_MAX) throw new Refused("nodes");
  skipSpace(reader);
  switch (reader.text.charAt(reader.at)) {
    case "{":
      return nested(reader, readObject);
    case "[":
      return nested(reader, readArray);
    case '"':
      return readString(reader);
    case "t":
      return readWord(reader, "true", true);
    case "f":
      return readWord(reader, "false", false);
    case "n":
      return readWord(reader, "null", null);
    default:
      return readNumber(reader);
  }
}

function nested<T>(reader: Reader, read: (reader: Reader) => T): T {
  reader.depth += 1;
  if (reader.depth > DEPTH_MAX) throw new Refused("depth");
  reader.at += 1;
  const value = read(reader);
  reader.depth -= 1;
  return value;
}

function readObject(reader: Reader): JsonObject {
  const object: JsonObject = Object.create(null);
  if (skip(reader, "}")) return object;
  do {
    skipSpace(reader);
    if (reader.text[reader.at] !== '"') throw new Refused("syntax");
    const key = readString(reader);
    if (!skip(reader, ":")) throw new Refused("syntax");
    object[key] = readValue(reader);
  } while (skip(reader, ","));
  if (!skip(reader, "}")) throw new Refused("syntax");
  return object;
}

function readArray(reader: Reader): JsonValue[] {
  const items: JsonValue[] = [];
  if (skip(reader, "]")) return items;
  do items.push(readValue(reader));
  while (skip(reader, ","));
  if (!skip(reader, "]")) throw new Refused("syntax");
  return items;
}

function readString(reader: Reader): string {
  const { text, at: start } = reader;
  let isPlain = true;
  let at = start + 1;
  for (; text.charCodeAt(at) !== QUOTE; at += 1) {
    if (at >= text.length) throw new Refused("syntax");
    if (text.charCodeAt(at) >= 0x20 && text.charCodeAt(at) !== BACKSLASH) continue;
    isPlain = false;
    if (text.charCodeAt(at) === BACKSLASH) at += 1;
  }
  reader.at = at + 1;
  return isPlain ? text.slice(start + 1, at) : unescaped(text.slice(start, at + 1));
}

/** Uses `JSON.parse`, which resolves escapes and refuses raw control characters. */
function unescaped(literal: string): string {
  try {
    const value: string = JSON.parse(literal);
    return value.toWellFormed().replaceAll("\0", "\uFFFD");
  } catch {
    throw new Refused("syntax");
  }
}

function readNumber(reader: Reader): number | string {
  NUMBER.lastIndex = reader.at;
  const match = NUMBER.exec(reader.text);
  if (!match) throw new Refused("syntax");
  const [literal, fraction, exponent] = match;
  reader.at += literal.length;
  const value = Number(literal);
  const isInteger = fraction === undefined && exponent === undefined;
  if (isInteger && !Number.isSafeInteger(value)) return literal;
  if (!Number.isFinite(value)) throw new Refused("number");
  return value;
}

function readWord<T>(reader: Reader, word: string, value: T): T {
  if (!reader.text.startsWith(word, reader.at)) throw new Refused("syntax");
  reader.at += word.length;
  return value;
}

function skip(reader: Reader, sign: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== sign) return false;
  reader.at += 1;
  return true;
}

function skipSpace(reader: Reader): void {
  if (reader.text.charCodeAt(reader.at) > 0x20) return;
  SPACE.lastIndex = reader.at;
  SPACE.exec(reader.text);
  reader.at = SPACE.lastIndex;
}
