import { AppError } from "@/lib/errors";

export type Target = {
  readonly host: "oapi" | "api";
  /** Each segment was decoded, checked and encoded again. Without leading slash; a trailing slash is kept. */
  readonly path: string;
  /** Unchanged, without the question mark. */
  readonly query: string;
};

const PREFIX = "/dingtalk/";
const API_VERSIONS: ReadonlySet<string> = new Set(["v1.0", "v2.0"]);
/** Characters that would end a segment, hide in it, or be decoded a second time on the way. */
const UNSAFE = /[/\\\p{Cc}]|%(?:[0-9a-f]{2}|u[0-9a-f]{4})/iu;
/** Tomcat and similar servers remove everything after a semicolon from a segment. */
export const PARAMETERS = /;.*$/s;

const malformed = () => new AppError("path_malformed", "the path is malformed");

/** Node decodes the bytes of a request's URL as Latin-1. */
function textOf(raw: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(raw, "latin1"));
  } catch {
    throw malformed();
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw malformed();
  }
}

function reencoded(segment: string): string {
  const text = decoded(segment);
  if (UNSAFE.test(text) || /^\.{0,2}$/.test(text.replace(PARAMETERS, ""))) throw malformed();
  return encodeURIComponent(text);
}

/**
 * Reads a call's destination from the raw URL (S27). Next's URL must not be used: it decodes `..%2f` to `../`.
 * @throws {AppError} `path_malformed`
 */
export function readTarget(raw: string): Target {
  const text = textOf(raw);
  const queryAt = text.indexOf("?");
  const before = queryAt < 0 ? text : text.slice(0, queryAt);
  if (!before.startsWith(PREFIX)) throw malformed();
  const segments = before.slice(PREFIX.length).split("/");
  const endsInSlash = segments.length > 1 && segments.at(-1) === "";
  const path = (endsInSlash ? segments.slice(0, -1) : segments).map(reencoded);
  return {
    host: API_VERSIONS.has(path[0] ?? "") ? "api" : "oapi",
    path: path.join("/") + (endsInSlash ? "/" : ""),
    query: queryAt < 0 ? "" : text.slice(queryAt + 1),
  };
}

/** Returns the URL of a target. @throws {AppError} `path_malformed` if the URL would leave the host or the path */
export function urlOf({ path }: Pick<Target, "path">, base: string): URL {
  const url = new URL(base);
  const { origin } = url;
  const pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  url.pathname = pathname;
  if (url.origin !== origin || url.pathname !== pathname) throw malformed();
  return url;
}
