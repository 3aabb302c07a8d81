import "server-only";
import { asUser, readTogether } from "@/lib/db/unit-of-work";
import { AppError } from "@/lib/errors";
import { requestAttempt, requireSignedInCaller } from "./require-actor";
import { givenPassword } from "./schema";
import type { SignedIn } from "./sessions";
import { type Credentials, checkCredentials } from "./sign-in";

export type PasswordCaller = Omit<Credentials, "email" | "password">;

export async function getOwnEmail({ userId }: Pick<SignedIn, "userId">): Promise<string> {
  const [row] = await readTogether<{ email: string }>({ userId }, "SELECT email FROM users WHERE id = $1", [
    userId,
  ]);
  if (!row) throw new Error("the signed-in user has no row");
  return row.email;
}

/**
 * Returns whether the password is the user's. Wrong ones count as failed sign-ins. @throws {AppError} `rate_limited`
 */
export async function isOwnPassword(
  who: Pick<SignedIn, "userId">,
  password: string,
  caller: PasswordCaller,
): Promise<boolean> {
  const email = await getOwnEmail(who);
  return (await checkCredentials({ ...caller, email, password })) === who.userId;
}

/** Records that the user has just entered the password (S10). @throws {AppError} `rate_limited` as at sign-in */
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

/** Dangerous actions ask for the password again after this time (S10). */
const CONFIRMED_FOR_MS = 10 * 60_000;

/** @throws {AppError} `password_needed` unless it was confirmed recently or is in the field `confirmation` */
export async function assertPasswordFresh(organization: string, form: FormData): Promise<void> {
  const who = await requireSignedInCaller(organization);
  if (Date.now() - who.passwordConfirmedAt.getTime() < CONFIRMED_FOR_MS) return;
  const given = givenPassword.safeParse(form.get("confirmation"));
  if (given.success && (await confirmPassword(who, given.data, await requestAttempt(await getOwnEmail(who)))))
    return;
  throw new AppError("password_needed", "the password must be confirmed again");
}
