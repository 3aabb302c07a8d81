import { PATH_WORDS } from "./path-words";

/** Replaces a segment that may be an ID. */
export const PLACEHOLDER = "{}";

const SEGMENTS_MAX = 16;
const VERSION = /^v\d\.\d$/;
/** Paths of the older host consist of names such as `topapi/v2/user/get`. */
const OLD_NAME = /^(?:[A-Za-z_]{1,40}(?:_v\d)?|v\d|oauth2|h5)$/;

const isName = (segment: string, host: "oapi" | "api", index: number): boolean => {
  if (segment === "") return true;
  if (host === "oapi") return OLD_NAME.test(segment);
  return VERSION.test(segment) || (index > 0 && PATH_WORDS.has(segment));
};

/**
 * Replaces values in a call's path, such as user IDs and mobile numbers. On the new host only the words of `PATH_WORDS`
 * stay: an ID equal to one of them stays too, and names of newer APIs are replaced. On the older host, names stay.
 *
 * @param path without leading slash and query
 */
export function pathTemplate(path: string, host: "oapi" | "api"): string {
  const segments = path.split("/");
  const shown = segments.slice(0, SEGMENTS_MAX);
  const names = shown.map((segment, index) => (isName(segment, host, index) ? segment : PLACEHOLDER));
  return [...names, ...(segments.length > SEGMENTS_MAX ? ["…"] : [])].join("/");
}
