import "server-only";
import { asUser, asUserSql, type Tx } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import type { Caller } from "./actor";
import type { Role } from "./role";

const HOUR_MS = 60 * 60 * 1_000;
/** How exact "last seen" is: a page view need not always write. */
const TOUCH_AFTER_MS = 60_000;
const USER_AGENT_CHARACTERS_MAX = 300;

/** A signed-in person. */
export type SignedIn = {
  readonly sessionId: string;
  readonly userId: string;
  readonly passwordConfirmedAt: Date;
};

/** Where a browser came from, to be recognized by its owner. */
export type Origin = { readonly address: string; readonly userAgent: string };

/** Makes a session row within the transaction that proved who it is. */
export async function createSession(tx: Tx, userId: string, origin: Origin): Promise<string> {
  const session = await tx.session.create({
    data: {
      id: crypto.randomUUID(),
      userId,
      expiresAt: new Date(Date.now() + env().SESSION_MAX_DAYS * 24 * HOUR_MS),
      address: origin.address,
      userAgent: origin.userAgent.slice(0, USER_AGENT_CHARACTERS_MAX),
    },
    select: { id: true },
  });
  return session.id;
}

type SessionRow = {
  user_id: string;
  last_seen_at: Date;
  password_confirmed_at: Date;
  role: Role | null;
};

const READ = `
  SELECT s.user_id, s.last_seen_at, s.password_confirmed_at, m.role
  FROM sessions s LEFT JOIN memberships m ON m.organization_id = $2 AND m.user_id = s.user_id
  WHERE s.id = $1 AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(hours => $3)`;

/**
 * Reads the session's row, which is what decides; the cookie only names it. With an organization, the
 * membership in it too, in the same round trip.
 */
async function readSession(
  sessionId: string,
  organizationId: string | null,
): Promise<(SignedIn & { readonly role: Role | null }) | null> {
  const scope = { sessionId, organizationId: organizationId ?? undefined };
  return asUserSql(scope, async (client) => {
    const { rows } = await client.query<SessionRow>(READ, [
      sessionId,
      organizationId,
      env().SESSION_IDLE_HOURS,
    ]);
    const row = rows[0];
    if (!row) return null;
    if (Date.now() - row.last_seen_at.getTime() > TOUCH_AFTER_MS) {
      await client.query("UPDATE sessions SET last_seen_at = now() WHERE id = $1", [sessionId]);
    }
    return { sessionId, userId: row.user_id, passwordConfirmedAt: row.password_confirmed_at, role: row.role };
  });
}

/** The person behind a session id; `null` once it was signed out, ran out or lost its user. */
export const findSession = (sessionId: string): Promise<SignedIn | null> => readSession(sessionId, null);

/**
 * The person behind a session id and their place in an organization.
 *
 * @throws {AppError} `unauthenticated`; `not_found` for an organization that isn't theirs or isn't there
 */
export async function requireCaller(sessionId: string, organizationId: string): Promise<Caller & SignedIn> {
  const session = await readSession(sessionId, organizationId);
  if (!session) throw new AppError("unauthenticated", "the session is over");
  if (!session.role) throw new AppError("not_found", "no such organization");
  return { ...session, role: session.role, organizationId };
}

/** Signs a browser out. Its cookie is worth nothing from now on, wherever a copy of it is. */
export async function deleteSession(sessionId: string): Promise<void> {
  await asUser({ sessionId }, (tx) => tx.session.deleteMany({ where: { id: sessionId } }));
}

/** The person's signed-in browsers, the newest use first. */
export function listSessions({ userId }: SignedIn) {
  return asUser({ userId }, (tx) =>
    tx.session.findMany({
      where: { userId, expiresAt: { gt: new Date() }, lastSeenAt: { gt: idleLimit() } },
      orderBy: { lastSeenAt: "desc" },
      select: { id: true, createdAt: true, lastSeenAt: true, address: true, userAgent: true },
    }),
  );
}

const idleLimit = () => new Date(Date.now() - env().SESSION_IDLE_HOURS * HOUR_MS);

/** Signs out one of one's own browsers. */
export async function endSession({ userId }: SignedIn, id: string): Promise<void> {
  await asUser({ userId }, (tx) => tx.session.deleteMany({ where: { id, userId } }));
}
