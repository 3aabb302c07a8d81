import { PATH_WORDS } from "./path-words";

/** Stands for a segment that names a person or a thing. */
export const PLACEHOLDER = "{}";

const SEGMENTS_MAX = 16;
const VERSION = /^v\d\.\d$/;
/** The older host has no values in its paths, only names such as `topapi/v2/user/get`. */
const OLD_NAME = /^(?:[A-Za-z_]{1,40}(?:_v\d)?|v\d|oauth2|h5)$/;

const isName = (segment: string, host: "oapi" | "api", index: number): boolean => {
  if (segment === "") return true;
  if (host === "oapi") return OLD_NAME.test(segment);
  return VERSION.test(segment) || (index > 0 && PATH_WORDS.has(segment));
};

/**
 * The path of a call without what somebody put into it: a user's id, a mobile number, a group's. On the new host only
 * the words stay that DingTalk's own paths are made of, so an id that is such a word stays too, and an API that is newer
 * than the list loses its names; on the older host, what looks like a name.
 *
 * @param path without the query, and without a slash in front
 */
export function pathTemplate(path: string, host: "oapi" | "api"): string {
  const segments = path.split("/");
  const shown = segments.slice(0, SEGMENTS_MAX);
  const names = shown.map((segment, index) => (isName(segment, host, index) ? segment : PLACEHOLDER));
  return [...names, ...(segments.length > SEGMENTS_MAX ? ["…"] : [])].join("/");
}
