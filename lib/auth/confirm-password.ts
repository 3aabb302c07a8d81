import "server-only";
import { asUser, readTogether } from "@/lib/db/unit-of-work";
import type { SignedIn } from "./sessions";
import { type Credentials, checkCredentials } from "./sign-in";

/** Where a signed-in person gives their password: what a wrong one is counted under. */
export type PasswordCaller = Omit<Credentials, "email" | "password">;

/** The e-mail of a signed-in person. */
export async function getOwnEmail({ userId }: Pick<SignedIn, "userId">): Promise<string> {
  const [row] = await readTogether<{ email: string }>({ userId }, "SELECT email FROM users WHERE id = $1", [
    userId,
  ]);
  if (!row) throw new Error("the signed-in person has no row");
  return row.email;
}

/**
 * Whether the password is the signed-in person's own; wrong ones count as wrong sign-ins do.
 *
 * @throws {AppError} `rate_limited` as at sign-in
 */
export async function isOwnPassword(
  who: Pick<SignedIn, "userId">,
  password: string,
  caller: PasswordCaller,
): Promise<boolean> {
  const email = await getOwnEmail(who);
  return (await checkCredentials({ ...caller, email, password })) === who.userId;
}

/**
 * Notes that the person has just given their password, which what is dangerous asks for (S10).
 *
 * @throws {AppError} `rate_limited` as at sign-in
 */
export async function confirmPassword(
  who: SignedIn,
  password: string,
  caller: PasswordCaller,
): Promise<boolean> {
  if (!(await isOwnPassword(who, password, caller))) return false;
  const { sessionId, userId } = who;
  await asUser({ userId }, (tx) =>
    tx.session.updateMany({ where: { id: sessionId, userId }, data: { passwordConfirmedAt: new Date() } }),
  );
  return true;
}
