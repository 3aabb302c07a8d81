import { PATH_WORDS } from "./path-words";

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
 * Replaces values in a path, such as user IDs. On the new host only words of `PATH_WORDS` stay, on the older one
 * names.
 * @param path without leading slash and query
 */
export function pathTemplate(path: string, host: "oapi" | "api"): string {
  const segments = path.split("/");
  const shown = segments.slice(0, SEGMENTS_MAX);
  const names = shown.map((segment, index) => (isName(segment, host, index) ? segment : PLACEHOLDER));
  return [...names, ...(segments.length > SEGMENTS_MAX ? ["…"] : [])].join("/");
}
