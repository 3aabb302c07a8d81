import "server-only";

import { v7 as newId } from "uuid";
import type { SignedIn } from "@/lib/auth/sessions";
import { ADVISORY_LOCKS } from "@/lib/db/advisory-locks";
import { readTogether, type Tx } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { addressKey } from "@/lib/limits/address-key";
import { SIGN_UPS_PER_HOUR } from "@/lib/limits/numbers";
import { makeWindowLimiter } from "@/lib/limits/window-limiter";
import { processWide } from "@/lib/process-wide";

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

/** @throws {AppError} `forbidden` while sign-up is closed; `rate_limited` after five in an hour from an address */
export async function assertMayCreate(address: string): Promise<void> {
  if (!(await isSignUpOpen())) throw new AppError("forbidden", "sign-up is closed");
  const waitMs = await perAddress().take(addressKey(address));
  if (waitMs === null) return;
  throw new AppError("rate_limited", "too many sign-ups from an address", {
    retryAfterSeconds: Math.ceil(waitMs / 1_000),
  });
}
