import { createHash } from "node:crypto";
import { processWide } from "@/lib/process-wide";

const PERSONS_MAX = 10_000;
/** More than anybody works in; the oldest of more is forgotten. */
const ORGANIZATIONS_MAX = 100;

/** The organizations that each session was seen in, by `personOf`. */
const persons = () => processWide("auth.known-persons", () => new Map<string, Set<string>>());

/** Deletes the oldest of more than `max`. */
function bound(
  values: { size: number; keys(): Iterable<string>; delete(value: string): void },
  max: number,
): void {
  for (const oldest of values.keys()) {
    if (values.size <= max) return;
    values.delete(oldest);
  }
}

/** Returns a name for the holder of a session's cookie, whether or not the cookie is valid. It doesn't reveal the cookie. */
export const personOf = (cookie: string): string => createHash("sha256").update(cookie).digest("base64url");

/**
 * Remembers that a cookie was seen to be a session's. It decides only whose share of the server's work a request counts
 * for: a session's own, or that of everybody at its address.
 */
export function rememberPerson(cookie: string): Set<string> {
  const known = persons();
  const person = personOf(cookie);
  const organizations = known.get(person) ?? new Set();
  known.delete(person);
  known.set(person, organizations);
  bound(known, PERSONS_MAX);
  return organizations;
}

/**
 * Remembers that the holder of a cookie was seen to be a member of an organization, as its address names it, so that
 * strangers can't use up the organization's share of the server's work.
 */
export function rememberMember(cookie: string, organization: string): void {
  const organizations = rememberPerson(cookie);
  organizations.delete(organization);
  organizations.add(organization);
  bound(organizations, ORGANIZATIONS_MAX);
}

/** Whether this process saw the session and did not forget it since. */
export const isKnownPerson = (person: string): boolean => persons().has(person);

/** Whether that was seen by this process and not forgotten since. */
export const isKnownMember = (person: string, organization: string): boolean =>
  persons().get(person)?.has(organization) ?? false;
