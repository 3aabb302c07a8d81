import "server-only";
import { makePasswordLink } from "@/lib/auth/password-link";
import { asUser } from "@/lib/db/unit-of-work";
import { err, ok, type Result } from "@/lib/result";
import { addUserWithOrganization } from "./create-organization";

// What whoever runs the server may do about people, from its command line. No password passes here: the
// person sets it through a one-time link.

const findUser = (email: string) =>
  asUser({ userEmail: email }, (tx) =>
    tx.user.findUnique({ where: { email }, select: { id: true, disabledAt: true } }),
  );

/** A new owner with a new organization. Returns the link's value, or `known` when somebody has that e-mail. */
export async function createOwner(email: string, organization: string): Promise<Result<string, "known">> {
  const added = await addUserWithOrganization({ email, organization, passwordHash: null });
  return added.ok ? ok(await makePasswordLink(added.value.userId)) : added;
}

/**
 * A link with which the person sets a new password. The present one works until then. A disabled user gets
 * none: it would not work.
 */
export async function resetLink(email: string): Promise<Result<string, "unknown" | "disabled">> {
  const user = await findUser(email);
  if (user === null) return err("unknown");
  return user.disabledAt === null ? ok(await makePasswordLink(user.id)) : err("disabled");
}

/** Ends every session of the person and lets them sign in no more. */
export async function disableUser(email: string): Promise<Result<null, "unknown">> {
  const user = await findUser(email);
  if (user === null) return err("unknown");
  const { id: userId } = user;
  await asUser({ userId }, async (tx) => {
    await tx.user.update({
      where: { id: userId },
      data: { disabledAt: new Date(), linkHash: null, linkExpiresAt: null },
    });
    await tx.session.deleteMany({ where: { userId } });
  });
  return ok(null);
}
