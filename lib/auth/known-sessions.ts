import { createHash } from "node:crypto";
import { processWide } from "@/lib/process-wide";

const SESSIONS_MAX = 10_000;
const ORGANIZATIONS_MAX = 100;

const sessions = () => processWide("auth.known-sessions", () => new Map<string, Set<string>>());

function bound(
  values: { size: number; keys(): Iterable<string>; delete(value: string): void },
  max: number,
): void {
  for (const oldest of values.keys()) {
    if (values.size <= max) return;
    values.delete(oldest);
  }
}

export const sessionHashOf = (cookie: string): string =>
  createHash("sha256").update(cookie).digest("base64url");

/** Remembers a valid session cookie. Its requests use the session's share of the capacity, not the address's. */
export function rememberSession(cookie: string): Set<string> {
  const known = sessions();
  const session = sessionHashOf(cookie);
  const organizations = known.get(session) ?? new Set();
  known.delete(session);
  known.set(session, organizations);
  bound(known, SESSIONS_MAX);
  return organizations;
}

/**
 * Remembers that a session belongs to a member, so that strangers can't use the organization's share of the capacity.
 * @param organization the public id in the page's address
 */
export function rememberMember(cookie: string, organization: string): void {
  const organizations = rememberSession(cookie);
  organizations.delete(organization);
  organizations.add(organization);
  bound(organizations, ORGANIZATIONS_MAX);
}

export const isKnownSession = (session: string): boolean => sessions().has(session);

export const isKnownMember = (session: string, organization: string): boolean =>
  sessions().get(session)?.has(organization) ?? false;
