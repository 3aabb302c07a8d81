import "server-only";
import { grantToKey } from "@/lib/auth/actor";
import type { Scope } from "@/lib/auth/scopes";
import { bearerOf } from "./bearer";
import { findKey } from "./find-key";

/**
 * Looks again whether a key that was let in still is one, for a request that takes its time: a key that was revoked
 * stops working within a second, also where it waits. It counts as no further request.
 *
 * @throws {AppError} as `findKey`, and `forbidden` without the scope
 */
export async function confirmKey(authorization: string | null, address: string, scope: Scope): Promise<void> {
  const { key } = await findKey(bearerOf(authorization), address);
  grantToKey(key, scope);
}
