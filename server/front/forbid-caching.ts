import type { ServerResponse } from "node:http";
import { nameAfterNext } from "@/lib/request/headers-past-next";
import { NO_STORE_HEADERS } from "@/lib/request/no-store";

/**
 * Files that are the same for every client. All other answers may depend on the client and must not be cached (S19).
 */
const SAME_FOR_EVERYBODY = /^\/(?:_next\/static\/|icon\.svg$)/;

export const isSameForEverybody = (path: string): boolean => SAME_FOR_EVERYBODY.test(path);

/** Joins our `Vary` names with those of a handler, without duplicates. */
const mergeVary = (value: unknown): string =>
  [...new Set(`${NO_STORE_HEADERS.vary},${String(value)}`.toLowerCase().split(/\s*,\s*/))].join(", ");

/**
 * Forbids every cache to keep an answer. Next overwrites `Vary` on its pages, so each write is merged with our value.
 * Gateway headers that Next would drop get their names back here too.
 */
export function forbidCaching(response: ServerResponse): void {
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    const isVary = name.toLowerCase() === "vary";
    return set(nameAfterNext(name), isVary ? mergeVary(value) : value);
  };
  for (const [name, value] of Object.entries(NO_STORE_HEADERS)) set(name, value);
}
