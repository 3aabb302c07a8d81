import "server-only";
import { parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { withCallRecording } from "@/lib/calls/own-calls";
import { inOrganization } from "@/lib/db/unit-of-work";
import { registerCallback } from "@/lib/dingtalk/callback-api";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { notFound } from "@/lib/errors";
import { err, ok, type Result } from "@/lib/result";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import { currentSecrets } from "./callback-secrets";
import { findSubscription } from "./find-subscription";
import { urlOf } from "./set-up";

/** DingTalk checks the address during the call. */
const REGISTER_MS_MAX = 20_000;

/** `no_corp_id`: DingTalk encrypts with the CorpId then, and the app doesn't have one. */
export type RegisterFailure =
  | { readonly code: "no_corp_id" | "third_party" }
  | { readonly code: "refused"; readonly error: DingtalkError };

/**
 * Registers an app's callback address through DingTalk's API, or replaces the one that is registered.
 *
 * @throws {AppError} `not_found` also without a subscription
 */
export async function registerAtDingtalk(
  actor: Actor<"app.change">,
  appId: string,
): Promise<Result<null, RegisterFailure>> {
  const app = parseAppRef(actor.organizationId, appId);
  const { organizationId } = app;
  const found = await inOrganization(actor, async (tx) => {
    const where = { organizationId_id: { organizationId, id: appId } };
    const row = await tx.dingtalkApp.findUnique({ where, select: { kind: true, corpId: true } });
    const subscription = await findSubscription(tx, app);
    if (!row || !subscription) throw notFound("subscription");
    const ref = { organizationId, subscriptionId: subscription.id };
    return { ...row, ...ref, secrets: await currentSecrets(tx, ref) };
  });
  if (found.kind === "isv") return err({ code: "third_party" });
  if (found.corpId === null) return err({ code: "no_corp_id" });
  const { path, token, aes_key: aesKey } = found.secrets;
  try {
    const signal = AbortSignal.timeout(REGISTER_MS_MAX);
    const url = urlOf(organizationId, path);
    const dingtalk = withCallRecording(ourDingtalk(), app);
    await registerCallback(dingtalk, await callerOf(app, appId), { url, secrets: { token, aesKey }, signal });
  } catch (error) {
    if (error instanceof DingtalkError) return err({ code: "refused", error });
    throw error;
  }
  await setRegistered(app.organizationId, found.subscriptionId, new Date());
  return ok(null);
}

const setRegistered = (organizationId: string, id: string, registeredAt: Date) =>
  inOrganization({ organizationId }, (tx) =>
    tx.eventSubscription.updateMany({ where: { organizationId, id }, data: { registeredAt } }),
  );
