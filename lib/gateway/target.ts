import { AppError } from "@/lib/errors";

/** Where a call goes: one of DingTalk's two hosts, and what stands behind it in the address. */
export type Target = {
  readonly host: "oapi" | "api";
  /** Every segment decoded, looked at and encoded again; without a slash in front, with one at the end if one came. */
  readonly path: string;
  /** As it came, without the question mark. */
  readonly query: string;
};

const PREFIX = "/dingtalk/";
const API_VERSIONS: ReadonlySet<string> = new Set(["v1.0", "v2.0"]);
/** What would end a segment, hide in it or be decoded once more on the way. */
const UNSAFE = /[/\\\p{Cc}]|%(?:[0-9a-f]{2}|u[0-9a-f]{4})/iu;
/** Tomcat and its kin take what follows a semicolon off a segment. */
const PARAMETERS = /;.*$/s;

const malformed = () => new AppError("path_malformed", "the path can't be passed on");

/** Node gives an address's bytes as Latin 1. */
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
 * Reads where a call goes out of the request's address as it came over the wire (S27): never Next's own reading of
 * it, in which `..%2f` is `../`.
 *
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

/** What gives out credentials or wants some (S28), by the first parts of its path behind a version. */
const REFUSED =
  /^(?:(?:gettoken|get_jsapi_ticket)\b|(?:oauth2|sso|sns|service|call_back)(?:\/|$)|gateway\/connections(?:\/|$)|app\/registration(?:\/|$))/;

/** @throws {AppError} `path_refused` where a path is DingTalk's way around the key */
export function assertPassable({ path }: Pick<Target, "path">): void {
  const bare = path.split("/").map((segment) => decoded(segment).replace(PARAMETERS, "").toLowerCase());
  const unversioned = /^v\d+(?:\.\d+)?$/.test(bare[0] ?? "") ? bare.slice(1) : bare;
  if (REFUSED.test(unversioned.join("/"))) {
    throw new AppError("path_refused", "the path gives out or wants credentials");
  }
}

/** The target at its host. @throws {AppError} `path_malformed` when that would be any other place */
export function urlOf({ path }: Pick<Target, "path">, base: string): URL {
  const url = new URL(base);
  const { origin } = url;
  const pathname = `${url.pathname.replace(/\/+$/, "")}/${path}`;
  url.pathname = pathname;
  if (url.origin !== origin || url.pathname !== pathname) throw malformed();
  return url;
}
