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

/** Returns whether sign-up is open. @param who any user, because every scope may read the ids of organizations */
export async function isSignUpOpen(who: Pick<SignedIn, "userId"> = { userId: newId() }): Promise<boolean> {
  const mode = env().SIGN_UP;
  if (mode !== "first") return mode === "open";
  const rows = await readTogether({ userId: who.userId }, "SELECT FROM organization_ids LIMIT 1", []);
  return rows.length === 0;
}

/** Checks again in the transaction, under a lock, so that only one of two concurrent sign-ups is the first. */
export async function assertStillOpen(tx: Tx): Promise<void> {
  if (env().SIGN_UP !== "first") return;
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_LOCKS.firstOrganization})`;
  if ((await tx.organizationId.findFirst()) !== null) throw new AppError("forbidden", "sign-up is closed");
}

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

/** @throws {AppError} `forbidden` while sign-up is closed; `rate_limited` after five in an hour from an address */
export async function assertMayCreate(address: string): Promise<void> {
  if (!(await isSignUpOpen())) throw new AppError("forbidden", "sign-up is closed");
  const waitMs = await perAddress().take(addressKey(address));
  if (waitMs === null) return;
  throw new AppError("rate_limited", "too many sign-ups from an address", {
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
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
