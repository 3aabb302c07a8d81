import "server-only";
import { asUser } from "@/lib/db/unit-of-work";
import { type Attempt, beginAttempt } from "@/lib/limits/sign-in-attempts";
import { signInSharer, verifyPassword } from "./password";
import { createSession, type Origin } from "./sessions";

/** Who tries, with what, from where. */
export type Credentials = Attempt & { readonly password: string };

type Owner = { readonly id: string; readonly passwordHash: string | null };

/**
 * Finds out whose password it is. A wrong e-mail, a wrong password and a disabled user cost the same time
 * and have the same answer.
 *
 * @returns the user's id, or `null` for a wrong pair, which is counted
 * @throws {AppError} `rate_limited` while wrong passwords are being waited for, those that are being checked too
 */
export async function checkCredentials(credentials: Credentials): Promise<string | null> {
  return (await findOwner(credentials))?.id ?? null;
}

async function findOwner(credentials: Credentials): Promise<Owner | null> {
  const counted = await beginAttempt(credentials);
  let owner: Owner | null;
  try {
    owner = await compare(credentials);
  } catch (error) {
    // Too many are being checked, or the database is away: then this fails as well, and it stays counted.
    await counted.withdraw().catch(() => {});
    throw error;
  }
  await (owner ? counted.succeed() : counted.fail());
  return owner;
}

async function compare({ password, ...attempt }: Credentials): Promise<Owner | null> {
  const { email } = attempt;
  const user = await asUser({ userEmail: email }, (tx) =>
    tx.user.findUnique({ where: { email }, select: { id: true, passwordHash: true, disabledAt: true } }),
  );
  const matches = await verifyPassword(user?.passwordHash, password, signInSharer(attempt));
  return user && matches && !user.disabledAt ? user : null;
}

/**
 * Signs a person in.
 *
 * @returns the new session's id, or `null` for a wrong pair
 * @throws {AppError} as `checkCredentials`
 */
export async function signIn(credentials: Credentials, origin: Origin): Promise<string | null> {
  const owner = await findOwner(credentials);
  if (!owner) return null;
  const { id: userId, passwordHash } = owner;
  return asUser({ userId }, async (tx) => {
    // Locked: a change of the password comes either before this and is seen, or after it and ends this session too.
    const [unchanged] = await tx.$queryRaw<unknown[]>`
      SELECT id FROM users WHERE id = ${userId}::uuid AND password_hash = ${passwordHash} AND disabled_at IS NULL
      FOR SHARE`;
    return unchanged ? createSession(tx, userId, origin) : null;
  });
}
