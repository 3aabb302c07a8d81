import "server-only";
import { parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { announceApp } from "@/lib/dingtalk-apps/announce-app";
import { notFound } from "@/lib/errors";
import { err, ok, type Result } from "@/lib/result";
import { scheduleRecovery } from "../recover/schedule-recovery";
import type { EventWay } from "./schema";
import { ensureSubscription } from "./set-up";

/**
 * Chooses how DingTalk delivers an app's events, and creates a missing subscription. Callbacks to the app's address are
 * still accepted in the way `stream`.
 *
 * @throws {AppError} `not_found`
 */
export async function chooseWay(
  actor: Actor<"app.change">,
  appId: string,
  way: EventWay,
): Promise<Result<null, "third_party">> {
  const app = parseAppRef(actor.organizationId, appId);
  const { organizationId } = app;
  return inOrganization(actor, async (tx) => {
    const where = { organizationId_id: { organizationId, id: appId } };
    const stored = await tx.dingtalkApp.findUnique({ where, select: { kind: true } });
    if (!stored) throw notFound("app");
    if (stored.kind === "isv") return err("third_party");
    const { subscriptionId } = await ensureSubscription(tx, app);
    // The first connection starts a sync, because its end before is unknown
    const [present] = await tx.$queryRaw<{ isVerified: boolean }[]>`
      UPDATE event_subscription SET way = ${way}, stream_connected_at = NULL, stream_ended_at = NULL,
        stream_process = NULL, stream_failed_at = NULL, stream_error = NULL
      WHERE organization_id = ${organizationId}::uuid AND id = ${subscriptionId}::uuid AND way <> ${way}
      RETURNING verified_at IS NOT NULL AS "isVerified"`;
    if (!present) return ok(null);
    if (way === "http" && present.isVerified) await scheduleRecovery(app, new Date(), tx);
    await announceApp(tx, app);
    return ok(null);
  });
}
