import "server-only";
import { asUser } from "@/lib/db/unit-of-work";
import { type Attempt, beginAttempt } from "@/lib/limits/sign-in-attempts";
import { signInSharer, verifyPassword } from "./password-hash";
import { createSession, type Origin } from "./sessions";

export type Credentials = Attempt & { readonly password: string };

type Owner = { readonly id: string; readonly passwordHash: string | null };

/**
 * Returns the user's id, or `null` for wrong credentials. All wrong ones take the same time and are counted.
 * @throws {AppError} `rate_limited` during the delay; running checks count as wrong
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
    // The password was not checked. If the database is unreachable, the attempt stays counted.
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

/** Creates a session. @returns its id, or `null` for wrong credentials @throws {AppError} as `checkCredentials` */
export async function signIn(credentials: Credentials, origin: Origin): Promise<string | null> {
  const owner = await findOwner(credentials);
  if (!owner) return null;
  const { id: userId, passwordHash } = owner;
  return asUser({ userId }, async (tx) => {
    // The lock orders this before or after a password change: the change is seen, or it ends this session too.
    const [unchanged] = await tx.$queryRaw<unknown[]>`
      SELECT id FROM users WHERE id = ${userId}::uuid AND password_hash = ${passwordHash} AND disabled_at IS NULL
      FOR SHARE`;
    return unchanged ? createSession(tx, userId, origin) : null;
  });
}
