import "server-only";
import { v7 as newId } from "uuid";
import { isUniqueConflict } from "@/lib/db/errors";
import { asUser, type Tx } from "@/lib/db/unit-of-work";
import { err, ok, type Result } from "@/lib/result";
import { assertMayCreate } from "./sign-up-policy";

type NewOrganization = { readonly organizationId: string; readonly name: string };
type Owner = { readonly userId: string; readonly email: string };

/** Inserts an organization with its first owner in the caller's transaction, whose scope must include both. */
async function insertOrganization(
  tx: Tx,
  { organizationId, name }: NewOrganization,
  owner: Owner,
): Promise<void> {
  await tx.organizationId.create({ data: { id: organizationId } });
  await tx.organization.create({ data: { organizationId, name } });
  await tx.membership.create({
    data: { organizationId, userId: owner.userId, role: "owner", email: owner.email, organizationName: name },
  });
}

/** Creates an organization for a signed-in user and returns its id. @throws {AppError} as `assertMayCreate` */
export async function createOrganization(owner: Owner, name: string, address: string): Promise<string> {
  await assertMayCreate(address);
  return addOrganization(owner, name);
}

/** Creates an organization for an existing user, without a limit. */
export async function addOrganization(owner: Owner, name: string): Promise<string> {
  const organizationId = newId();
  await asUser({ userId: owner.userId, organizationId }, (tx) =>
    insertOrganization(tx, { organizationId, name }, owner),
  );
  return organizationId;
}

type NewOwner = {
  readonly email: string;
  readonly organization: string;
  readonly passwordHash: string | null;
  /** Throws in the transaction to prevent the sign-up. */
  readonly assertAllowed?: (tx: Tx) => Promise<void>;
};

/** Creates a user with an organization. @returns the ids, or `known` when the e-mail is taken */
export async function addUserWithOrganization({
  email,
  organization: name,
  passwordHash,
  assertAllowed = async () => {},
}: NewOwner): Promise<Result<{ organizationId: string; userId: string }, "known">> {
  const organizationId = newId();
  const userId = newId();
  const passwordChangedAt = passwordHash === null ? null : new Date();
  try {
    await asUser({ userId, userEmail: email, organizationId }, async (tx) => {
      await assertAllowed(tx);
      await tx.user.create({ data: { id: userId, email, passwordHash, passwordChangedAt } });
      await insertOrganization(tx, { organizationId, name }, { userId, email });
    });
    return ok({ organizationId, userId });
  } catch (error) {
    if (isUniqueConflict(error)) return err("known");
    throw error;
  }
}
