import "server-only";
import { v7 as newId } from "uuid";
import { type AppRef, parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { lockApp } from "@/lib/db/lock-app";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { makeCallbackSecrets } from "@/lib/dingtalk/callback-crypto";
import { env } from "@/lib/env";
import { Redacted } from "@/lib/redacted";
import { callbackUrl, makePathSecret } from "./callback-address";
import { putCallbackSecret, type SecretKind, type SubscriptionRef } from "./callback-secrets";
import { findSubscription } from "./find-subscription";
import type { SetUpInput } from "./schema";

/** The values to enter in DingTalk's console. Only this result contains them in clear. */
export type ShownSecrets = { readonly url: Redacted; readonly token: Redacted; readonly aesKey: Redacted };

/** Returns the whole callback address, which contains the secret. */
export const urlOf = (organizationId: string, secret: Redacted): Redacted =>
  callbackUrl({ origin: new URL(env().NEXTAUTH_URL).origin, organizationId }, secret);

/**
 * Creates the event subscription of an app, or of its suite, with generated or given secrets. An existing one gets new
 * secrets, and its present ones stay valid for 24 hours.
 *
 * @throws {AppError} `not_found`
 */
export async function setUpSubscription(
  actor: Actor<"app.change">,
  appId: string,
  { token, aesKey }: SetUpInput,
): Promise<ShownSecrets> {
  const app = parseAppRef(actor.organizationId, appId);
  const { organizationId } = app;
  const generated = makeCallbackSecrets();
  const secrets = {
    path: makePathSecret(),
    token: token === null ? generated.token : new Redacted(token),
    aes_key: aesKey === null ? generated.aesKey : new Redacted(aesKey),
  };
  await inOrganization(actor, async (tx) => {
    const subscription = await ensureSubscription(tx, app);
    const now = new Date();
    for (const [kind, value] of Object.entries(secrets) as [SecretKind, Redacted][]) {
      await putCallbackSecret(tx, subscription, { kind, value, now });
    }
  });
  return { url: urlOf(organizationId, secrets.path), token: secrets.token, aesKey: secrets.aes_key };
}

/** Returns the subscription of an app or its suite, and creates a missing one. Locks the app. */
export async function ensureSubscription(tx: Tx, app: AppRef): Promise<SubscriptionRef> {
  const { organizationId, appId } = app;
  // The lock keeps two requests from creating two subscriptions
  await lockApp(tx, app);
  const found = await findSubscription(tx, app);
  if (found) return { organizationId, subscriptionId: found.id };
  const { kind, appKey } = await tx.dingtalkApp.findUniqueOrThrow({
    where: { organizationId_id: { organizationId, id: appId } },
    select: { kind: true, appKey: true },
  });
  const id = newId();
  const subject = kind === "isv" ? { suiteKey: appKey } : { appId };
  await tx.eventSubscription.create({ data: { organizationId, id, ...subject } });
  return { organizationId, subscriptionId: id };
}

/** Returns a new value of a kind of secret. */
function newSecret(kind: SecretKind): Redacted {
  const { token, aesKey } = makeCallbackSecrets();
  return { path: makePathSecret(), token, aes_key: aesKey }[kind];
}

/**
 * Replaces one secret of an app's subscription. The present one stays valid for 24 hours.
 *
 * @returns the new value, for `path` the whole address; `null` if the app has no such secret
 * @throws {AppError} `not_found`
 */
export async function rotateSecret(
  actor: Actor<"app.change">,
  appId: string,
  kind: SecretKind,
): Promise<Redacted | null> {
  const app = parseAppRef(actor.organizationId, appId);
  const { organizationId } = app;
  const value = newSecret(kind);
  const isDone = await inOrganization(actor, async (tx) => {
    await lockApp(tx, app);
    const found = await findSubscription(tx, app);
    if (!found) return false;
    const current = { organizationId, subscriptionId: found.id, kind, validUntil: null };
    if ((await tx.callbackSecret.count({ where: current })) === 0) return false;
    await putCallbackSecret(
      tx,
      { organizationId, subscriptionId: found.id },
      { kind, value, now: new Date() },
    );
    return true;
  });
  if (!isDone) return null;
  return kind === "path" ? urlOf(organizationId, value) : value;
}
