import "server-only";
import { asUser, asUserSql, type Tx } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import type { Caller } from "./actor";
import type { Role } from "./role";

const HOUR_MS = 60 * 60 * 1_000;
/** Precision of `last_seen_at`, so that not every page view writes. */
const TOUCH_AFTER_MS = 60_000;
const USER_AGENT_CHARACTERS_MAX = 300;

export type SignedIn = {
  readonly sessionId: string;
  readonly userId: string;
  readonly passwordConfirmedAt: Date;
};

export type Origin = { readonly address: string; readonly userAgent: string };

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

/** Reads the session and, with an organization, the membership in the same round trip. */
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

export const findSession = (sessionId: string): Promise<SignedIn | null> => readSession(sessionId, null);

/**
 * Returns the session's user and role. @throws {AppError} `unauthenticated`; `not_found` unless the user is a member
 */
export async function requireCaller(sessionId: string, organizationId: string): Promise<Caller & SignedIn> {
  const session = await readSession(sessionId, organizationId);
  if (!session) throw new AppError("unauthenticated", "the session has ended");
  if (!session.role) throw new AppError("not_found", "no such organization");
  return { ...session, role: session.role, organizationId };
}

/** Signs a browser out, so that copies of its cookie become invalid too. */
export async function deleteSession(sessionId: string): Promise<void> {
  await asUser({ sessionId }, (tx) => tx.session.deleteMany({ where: { id: sessionId } }));
}

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

export async function endSession({ userId }: SignedIn, id: string): Promise<void> {
  await asUser({ userId }, (tx) => tx.session.deleteMany({ where: { id, userId } }));
}
