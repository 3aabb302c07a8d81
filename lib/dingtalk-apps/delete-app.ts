import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { queueErasure } from "@/lib/directory/retention/erase-directory";
import { dropQueuedSync } from "@/lib/directory/runs/queue";
import { unscheduleSync } from "@/lib/directory/runs/schedule";
import { notFound } from "@/lib/errors";
import { err, ok, type Result } from "@/lib/result";
import { clearToken } from "@/lib/tokens/renewal/discard-token";
import { isTypedName } from "@/lib/typed-name";
import { announceApp } from "./announce-app";
import { assertAppId } from "./queries";

/**
 * Deletes an app with its secret, token and runs. A job erases its directory. A running job stops at its next call.
 * @param typed the name typed for confirmation; `null` for a service
 */
export async function deleteApp(
  actor: Actor<"app.delete">,
  appId: string,
  typed: string | null,
): Promise<Result<{ name: string }, "typed_wrong">> {
  assertAppId(appId);
  const { organizationId } = actor;
  return inOrganization(actor, async (tx) => {
    const key = { organizationId_id: { organizationId, id: appId } };
    const app = await tx.dingtalkApp.findUnique({ where: key, select: { name: true } });
    if (!app) throw notFound("app");
    if (typed !== null && !isTypedName(typed, app.name)) return err("typed_wrong");
    await dropQueuedSync(tx, { organizationId, appId });
    await unscheduleSync(tx, { organizationId, appId });
    await clearToken(tx, organizationId, appId);
    // A concurrent request may have deleted the app.
    const { count } = await tx.dingtalkApp.deleteMany({ where: { organizationId, id: appId } });
    if (count === 0) throw notFound("app");
    await queueErasure(tx, { organizationId, appId });
    await announceApp(tx, { organizationId, appId });
    return ok({ name: app.name });
  });
}
