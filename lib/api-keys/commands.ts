import "server-only";
import { v7 as newId } from "uuid";
import type { Actor } from "@/lib/auth/actor";
import { emailOf } from "@/lib/auth/actor-name";
import { notify } from "@/lib/db/notifications";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { notFound } from "@/lib/errors";
import { isUuid } from "@/lib/public-id";
import type { Redacted } from "@/lib/redacted";
import { err, ok, type Result } from "@/lib/result";
import { KEY_NOTICE } from "./key-cache";
import { type KeptKey, keptOf, makeKey } from "./key-format";
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
  // One makes a key at a time in an organization, or two at once would pass the same count.
  await tx.$queryRaw`SELECT 1 FROM organization WHERE organization_id = ${organizationId}::uuid FOR UPDATE`;
  const now = new Date();
  const working = await tx.apiKey.count({
    where: { organizationId, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
  });
  if (working >= env().MAX_KEYS) return { code: "too_many", max: env().MAX_KEYS };
  if (appIds === null) return null;
  const wanted = [...new Set(appIds)];
  if (!wanted.every(isUuid)) return { code: "no_such_app" };
  const found = await tx.dingtalkApp.count({ where: { organizationId, id: { in: wanted } } });
  return found === wanted.length ? null : { code: "no_such_app" };
}

/** Keeps what is kept of a key, with what it may do. */
async function insertKey(
  tx: Tx,
  { organizationId, createdBy }: { readonly organizationId: string; readonly createdBy: string | null },
  { hash, tail }: KeptKey,
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

/**
 * Makes a key. What it returns is the only time that the key can be seen.
 *
 * @throws {AppError} `unavailable`
 */
export async function createKey(
  actor: Actor<"key.manage">,
  input: CreateKeyInput,
): Promise<Result<{ readonly keyId: string; readonly key: Redacted }, CreateFailure>> {
  const { organizationId } = actor;
  const { key, ...kept } = makeKey(organizationId);
  return inOrganization(actor, async (tx) => {
    const obstacle = await findObstacle(tx, organizationId, input);
    if (obstacle) return err(obstacle);
    const createdBy = await emailOf(tx, actor);
    return ok({ keyId: await insertKey(tx, { organizationId, createdBy }, kept, input), key });
  });
}

/** Sees to it that a key that was made elsewhere is one of an organization's: for the demo, which prints it at each start. */
export async function ensureKey(
  { organizationId, text }: { readonly organizationId: string; readonly text: Redacted },
  input: CreateKeyInput,
): Promise<void> {
  const kept = keptOf(text);
  await inOrganization({ organizationId }, async (tx) => {
    const where = { organizationId, keyHash: Uint8Array.from(kept.hash) };
    if ((await tx.apiKey.count({ where })) === 0)
      await insertKey(tx, { organizationId, createdBy: null }, kept, input);
  });
}

/**
 * Revokes a key: every process that reaches the database refuses it within a second. One that was revoked before
 * stays as it was.
 *
 * @throws {AppError} `not_found`
 */
export async function revokeKey(actor: Actor<"key.manage">, keyId: string): Promise<void> {
  if (!isUuid(keyId)) throw notFound("key");
  const { organizationId } = actor;
  await inOrganization(actor, async (tx) => {
    const by = await emailOf(tx, actor);
    const { count } = await tx.apiKey.updateMany({
      where: { organizationId, id: keyId, revokedAt: null },
      data: { revokedAt: new Date(), revokedBy: by },
    });
    if (
      count === 0 &&
      !(await tx.apiKey.findFirst({ where: { organizationId, id: keyId }, select: { id: true } }))
    ) {
      throw notFound("key");
    }
    await notify(tx, { kind: KEY_NOTICE, organizationId, id: keyId });
  });
}

/** What belongs to deleting an organization: no process goes on with a key that it remembers. */
export async function forgetKeys(tx: Tx, organizationId: string): Promise<void> {
  const keys = await tx.apiKey.findMany({ where: { organizationId, revokedAt: null }, select: { id: true } });
  for (const { id } of keys) await notify(tx, { kind: KEY_NOTICE, organizationId, id });
}
