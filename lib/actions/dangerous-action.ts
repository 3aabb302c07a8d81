import "server-only";
import { confirmPassword, getOwnEmail } from "@/lib/auth/confirm-password";
import { requestAttempt, requireSignedInCaller } from "@/lib/auth/require-actor";
import { givenPassword } from "@/lib/auth/schema";
import { AppError } from "@/lib/errors";

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
