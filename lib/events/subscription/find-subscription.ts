import "server-only";
import type { AppRef } from "@/lib/app-ref";
import type { Tx } from "@/lib/db/unit-of-work";

/** Returns the subscription of an app or of its suite; `null` if there is none. */
export async function findSubscription(tx: Tx, { organizationId, appId }: AppRef) {
  const app = await tx.dingtalkApp.findUnique({
    where: { organizationId_id: { organizationId, id: appId } },
    select: { kind: true, appKey: true },
  });
  if (!app) return null;
  const subject = app.kind === "isv" ? { suiteKey: app.appKey } : { appId };
  return tx.eventSubscription.findFirst({ where: { organizationId, ...subject } });
}
