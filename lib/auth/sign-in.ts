import "server-only";
import { asPerson } from "@/lib/db/unit-of-work";
import { verifyPassword } from "./password";
import { createSession, type Origin } from "./sessions";
import { type Attempt, assertMayTry, countWrongPassword, forgetWrongPasswords } from "./sign-in-throttle";

/** Who tries, with what, from where. */
export type Credentials = Attempt & { readonly password: string };

/**
 * Finds out whose password it is. A wrong e-mail, a wrong password and a disabled user cost the same time
 * and have the same answer.
 *
 * @returns the user's id, or `null` for a wrong pair, which is counted
 * @throws {AppError} `rate_limited` while wrong passwords are being waited for
 */
export async function checkCredentials(credentials: Credentials): Promise<string | null> {
  await assertMayTry(credentials);
  const { email, password } = credentials;
  const user = await asPerson({ userEmail: email }, (tx) =>
    tx.user.findUnique({ where: { email }, select: { id: true, passwordHash: true, disabledAt: true } }),
  );
  const matches = await verifyPassword(user?.passwordHash, password);
  if (!user || !matches || user.disabledAt) {
    await countWrongPassword(credentials);
    return null;
  }
  await forgetWrongPasswords(credentials);
  return user.id;
}

/**
 * Signs a person in.
 *
 * @returns the new session's id, or `null` for a wrong pair
 * @throws {AppError} as `checkCredentials`
 */
export async function signIn(credentials: Credentials, origin: Origin): Promise<string | null> {
  const userId = await checkCredentials(credentials);
  if (!userId) return null;
  return asPerson({ userId }, (tx) => createSession(tx, userId, origin));
}
