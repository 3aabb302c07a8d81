import "server-only";
import { asUser } from "@/lib/db/unit-of-work";
import { err, ok, type Result } from "@/lib/result";
import { isOwnPassword, type PasswordCaller } from "./confirm-password";
import { hashPassword, knownSharer } from "./password-hash";
import type { SignedIn } from "./sessions";

/** Replaces the password and signs out every other browser. @throws {AppError} `rate_limited` as at sign-in */
export async function changePassword(
  who: SignedIn,
  input: { readonly present: string; readonly password: string },
  caller: PasswordCaller,
): Promise<Result<null, "wrong">> {
  if (!(await isOwnPassword(who, input.present, caller))) return err("wrong");
  const { sessionId, userId } = who;
  const passwordHash = await hashPassword(input.password, knownSharer(userId));
  await asUser({ userId }, async (tx) => {
    await tx.user.update({
      where: { id: userId },
      data: { passwordHash, passwordChangedAt: new Date(), linkHash: null, linkExpiresAt: null },
    });
    await tx.session.deleteMany({ where: { userId, id: { not: sessionId } } });
  });
  return ok(null);
}
