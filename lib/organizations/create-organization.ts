import "server-only";
import { v7 as newId } from "uuid";
import type { SignedIn } from "@/lib/auth/sessions";
import { ADVISORY_LOCKS } from "@/lib/db/advisory-locks";
import { isUniqueConflict } from "@/lib/db/errors";
import { asUser, readTogether, type Tx } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { addressKey } from "@/lib/limits/address-key";
import { SIGN_UPS_PER_HOUR } from "@/lib/limits/numbers";
import { makeWindowLimiter } from "@/lib/limits/window-limiter";
import { processWide } from "@/lib/process-wide";
import { err, ok, type Result } from "@/lib/result";

const HOUR_SECONDS = 60 * 60;

const perAddress = () =>
  processWide("auth.signUps", () => makeWindowLimiter("signup", SIGN_UPS_PER_HOUR, HOUR_SECONDS));

/**
 * Whether strangers may sign up here: for the page, which otherwise says how to get an account.
 *
 * @param who any scope will do: the ids of organizations are readable to anyone inside, and nothing but ids
 */
export async function isSignUpOpen(who: Pick<SignedIn, "userId"> = { userId: newId() }): Promise<boolean> {
  const mode = env().SIGN_UP;
  if (mode !== "first") return mode === "open";
  const rows = await readTogether({ userId: who.userId }, "SELECT FROM organization_ids LIMIT 1", []);
  return rows.length === 0;
}

/** Asks again inside the transaction, one at a time: of two that come at once only one is the first. */
export async function assertStillOpen(tx: Tx): Promise<void> {
  if (env().SIGN_UP !== "first") return;
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_LOCKS.firstOrganization})`;
  if ((await tx.organizationId.findFirst()) !== null) throw new AppError("forbidden", "sign-up is closed");
}

type NewOrganization = { readonly organizationId: string; readonly name: string };
type Owner = { readonly userId: string; readonly email: string };

/** An organization and its first owner's membership, within a transaction opened for both. */
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

/** Lets one more organization be made from an address, or none: for a page, a script or a person alike. */
export async function assertMayCreate(address: string): Promise<void> {
  if (!(await isSignUpOpen())) throw new AppError("forbidden", "sign-up is closed");
  const waitMs = await perAddress().take(addressKey(address));
  if (waitMs === null) return;
  throw new AppError("rate_limited", "too many sign-ups from an address", {
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  });
}

/**
 * A further organization for whoever is signed in, who proved by that who they are.
 *
 * @returns the organization's id
 * @throws {AppError} `forbidden` while sign-up is closed; `rate_limited` after five in an hour from an address
 */
export async function createOrganization(owner: Owner, name: string, address: string): Promise<string> {
  await assertMayCreate(address);
  return addOrganization(owner, name);
}

/** A further organization for a person who is known already. */
export async function addOrganization(owner: Owner, name: string): Promise<string> {
  const organizationId = newId();
  await asUser({ userId: owner.userId, organizationId }, (tx) =>
    insertOrganization(tx, { organizationId, name }, owner),
  );
  return organizationId;
}

type NewOwner = {
  readonly email: string;
  /** The organization's name. */
  readonly organization: string;
  readonly passwordHash: string | null;
  /** Throws, in the transaction that makes them, when they may not be made after all. */
  readonly assertAllowed?: (tx: Tx) => Promise<void>;
};

/**
 * A new person with a new organization. Without a password they can't sign in until a link sets one.
 *
 * @returns the organization's id and the person's, or `known` when somebody has that e-mail
 */
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
