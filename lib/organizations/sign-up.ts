import "server-only";
import { hashPassword, newSharer } from "@/lib/auth/password-hash";
import { type Credentials, checkCredentials } from "@/lib/auth/sign-in";
import { asUser } from "@/lib/db/unit-of-work";
import { err, ok, type Result } from "@/lib/result";
import { addOrganization, addUserWithOrganization } from "./create-organization";
import type { SignUpInput } from "./schema";
import { assertMayCreate, assertStillOpen } from "./sign-up-policy";

const isKnown = (email: string) =>
  asUser(
    { userEmail: email },
    async (tx) => (await tx.user.findUnique({ where: { email }, select: { id: true } })) !== null,
  );

/**
 * Creates an organization for a new user, or for an existing one with the right password. A wrong password has the
 * result, the duration and the count of a wrong sign-in.
 * @returns the organization's id, or `wrong`
 * @throws {AppError} as `assertMayCreate`; `rate_limited` as at sign-in
 */
export async function signUp(
  input: SignUpInput,
  attempt: Omit<Credentials, "email" | "password">,
): Promise<Result<string, "wrong">> {
  await assertMayCreate(attempt.address);
  const { email, password, organization } = input;
  if (!(await isKnown(email))) {
    const passwordHash = await hashPassword(password, newSharer(attempt.address));
    const added = await addUserWithOrganization({
      email,
      organization,
      passwordHash,
      assertAllowed: assertStillOpen,
    });
    if (added.ok) return ok(added.value.organizationId);
  }
  const userId = await checkCredentials({ ...attempt, email, password });
  if (!userId) return err("wrong");
  return ok(await addOrganization({ userId, email }, organization));
}
