import { createHash } from "node:crypto";
import { processWide } from "@/lib/process-wide";

const PAIRS_MAX = 10_000;

const pairs = () => processWide("auth.known-members", () => new Set<string>());

const pairOf = (person: string, organization: string) => `${person}/${organization}`;

/** Returns a name for the holder of a session's cookie, whether or not the cookie is valid. It doesn't reveal the cookie. */
export const personOf = (cookie: string): string => createHash("sha256").update(cookie).digest("base64url");

/**
 * Remembers that the holder of a cookie was seen to be a member of an organization, as its address names it. It decides
 * only whose share of the server's work a request counts for, so that strangers can't use up an organization's.
 */
export function rememberMember(cookie: string, organization: string): void {
  const known = pairs();
  const pair = pairOf(personOf(cookie), organization);
  // Newest last: the oldest is forgotten first.
  known.delete(pair);
  known.add(pair);
  for (const oldest of known) {
    if (known.size <= PAIRS_MAX) return;
    known.delete(oldest);
  }
}

/** Whether that was seen by this process and not forgotten since. */
export const isKnownMember = (person: string, organization: string): boolean =>
  pairs().has(pairOf(person, organization));
