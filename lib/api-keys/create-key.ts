import "server-only";
import { v7 as newId } from "uuid";
import type { Actor } from "@/lib/auth/actor";
import { emailOf } from "@/lib/auth/actor-name";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { isUuid } from "@/lib/public-id";
import type { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { makeKey, type StoredKey, toStoredKey } from "./key-format";
import type { CreateKeyInput } from "./schema";

const DAY_MS = 24 * 60 * 60_000;

export type CreateFailure =
  | { readonly code: "too_many"; readonly max: number }
  | { readonly code: "no_such_app" };

async function findObstacle(
  tx: Tx,
  organizationId: string,
  { appIds }: CreateKeyInput,
): Promise<CreateFailure | null> {
  // The lock stops concurrent calls from exceeding MAX_KEYS together.
  await tx.$queryRaw`SELECT 1 FROM organization WHERE organization_id = ${organizationId}::uuid FOR UPDATE`;
  const now = new Date();
  const active = await tx.apiKey.count({
    where: { organizationId, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
  });
  if (active >= env().MAX_KEYS) return { code: "too_many", max: env().MAX_KEYS };
  if (appIds === null) return null;
  const ids = [...new Set(appIds)];
  if (!ids.every(isUuid)) return { code: "no_such_app" };
  const found = await tx.dingtalkApp.count({ where: { organizationId, id: { in: ids } } });
  return found === ids.length ? null : { code: "no_such_app" };
}

async function insertKey(
  tx: Tx,
  { organizationId, createdBy }: { readonly organizationId: string; readonly createdBy: string | null },
  { hash, tail }: StoredKey,
  { appIds, expiryDays, ...rest }: CreateKeyInput,
): Promise<string> {
  const keyId = newId();
  await tx.apiKey.create({
    data: {
      organizationId,
      id: keyId,
      ...rest,
      keyHash: Uint8Array.from(hash),
      keyTail: tail,
      isForAllApps: appIds === null,
      appIds: appIds ?? [],
      expiresAt: expiryDays === 0 ? null : new Date(Date.now() + expiryDays * DAY_MS),
      createdBy,
    },
  });
  return keyId;
}

/** Creates a key. Only the return value contains the key itself. */
export async function createKey(
  actor: Actor<"key.manage">,
  input: CreateKeyInput,
): Promise<Result<{ readonly keyId: string; readonly key: Redacted }, CreateFailure>> {
  const { organizationId } = actor;
  const { key, ...stored } = makeKey(organizationId);
  return inOrganization(actor, async (tx) => {
    const obstacle = await findObstacle(tx, organizationId, input);
    if (obstacle) return err(obstacle);
    const createdBy = await emailOf(tx, actor);
    return ok({ keyId: await insertKey(tx, { organizationId, createdBy }, stored, input), key });
  });
}

/** Inserts a given key unless it exists, for the demo, which prints the same key at each start. */
export async function ensureKey(
  { organizationId, text }: { readonly organizationId: string; readonly text: Redacted },
  input: CreateKeyInput,
): Promise<void> {
  const stored = toStoredKey(text);
  await inOrganization({ organizationId }, async (tx) => {
    const where = { organizationId, keyHash: Uint8Array.from(stored.hash) };
    if ((await tx.apiKey.count({ where })) === 0)
      await insertKey(tx, { organizationId, createdBy: null }, stored, input);
  });
}
