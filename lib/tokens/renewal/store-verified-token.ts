import "server-only";
import type { Work } from "@/lib/db/run-sql";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import { storeToken } from "./store-outcome";

/**
 * Keeps the token that a connection test got: for an app that was just made, and after a changed secret or a
 * repeated test. The app counts as working again if it was degraded or broken, its renewal is scheduled, and
 * a renewal that is under way, perhaps with the secret before, stores nothing.
 *
 * @param work the unit of work that stores the app, after its row was made
 */
export function storeVerifiedToken(
  work: Work,
  organizationId: string,
  appId: string,
  answer: AccessToken,
): Promise<void> {
  const moment = { nowMs: Date.now(), random: Math.random() };
  return storeToken(work, { organizationId, appId }, answer, moment);
}
