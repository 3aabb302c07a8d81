import "server-only";
import { parseAppRef } from "@/lib/app-ref";
import type { Actor } from "@/lib/auth/actor";
import { inOrganization, type Tx } from "@/lib/db/unit-of-work";
import { type Fault, toFault } from "@/lib/dingtalk-apps/schema";
import type { OwnerKind } from "../receive/open-callback";
import type { SecretKind } from "./callback-secrets";
import { findSubscription } from "./find-subscription";
import type { EventWay } from "./schema";

export type StreamState = {
  /** When the present connection was opened; `null` without one. */
  readonly connectedAt: Date | null;
  /** The last failed attempt to connect, which may be older than the connection. */
  readonly failedAt: Date | null;
  readonly fault: Fault | null;
};

export type Subscription = {
  readonly way: EventWay;
  readonly stream: StreamState;
  readonly ownerKind: OwnerKind | null;
  /** When DingTalk last checked the address; `null` before. */
  readonly verifiedAt: Date | null;
  readonly registeredAt: Date | null;
  readonly lastEventAt: Date | null;
  /** Last read of the callbacks that DingTalk could not deliver. */
  readonly failedReadAt: Date | null;
  readonly failedFault: Fault | null;
  /** Changes that the last complete sync found and no event had announced; `null` before such a sync. */
  readonly missed: { readonly runId: string; readonly number: number; readonly changes: number } | null;
  readonly isShared: boolean;
  readonly secrets: readonly {
    readonly kind: SecretKind;
    readonly createdAt: Date;
    /** Until when the replaced value is valid; `null` if there is none. */
    readonly previousUntil: Date | null;
  }[];
};

/** Returns an app's event subscription without its secrets; `null` if there is none. @throws {AppError} `not_found` */
export async function getSubscription(
  actor: Actor<"app.read"> | Actor<"directory.sync">,
  appId: string,
): Promise<Subscription | null> {
  const app = parseAppRef(actor.organizationId, appId);
  const { organizationId } = app;
  return inOrganization(actor, async (tx) => {
    const found = await findSubscription(tx, app);
    if (!found) return null;
    const rows = await tx.callbackSecret.findMany({
      where: { organizationId, subscriptionId: found.id },
      select: { kind: true, createdAt: true, validUntil: true },
    });
    const lastRun = await tx.syncRun.findFirst({
      where: { organizationId, appId: app.appId, missedEvents: { not: null } },
      orderBy: { number: "desc" },
      select: { id: true, number: true, missedEvents: true },
    });
    const now = new Date();
    const current = rows.filter(({ validUntil }) => validUntil === null);
    return {
      way: found.way as EventWay,
      stream: {
        connectedAt: (await isAlive(tx, found.streamProcess)) ? found.streamConnectedAt : null,
        failedAt: found.streamFailedAt,
        fault: toFault(found.streamError),
      },
      ownerKind: found.ownerKind as OwnerKind | null,
      verifiedAt: found.verifiedAt,
      registeredAt: found.registeredAt,
      lastEventAt: found.lastEventAt,
      failedReadAt: found.failedReadAt,
      failedFault: toFault(found.failedError),
      missed: lastRun && {
        runId: lastRun.id,
        number: lastRun.number,
        changes: lastRun.missedEvents ?? 0,
      },
      isShared: found.suiteKey !== null,
      secrets: current.map(({ kind, createdAt }) => ({
        kind: kind as SecretKind,
        createdAt,
        previousUntil:
          rows.find((row) => row.kind === kind && row.validUntil && row.validUntil > now)?.validUntil ?? null,
      })),
    };
  });
}

/** A process without a heartbeat for this long is dead, and so is its connection. */
const LAPSE_MS = 15_000;

async function isAlive(tx: Tx, processId: string | null): Promise<boolean> {
  if (processId === null) return false;
  const [live] = await tx.$queryRaw<object[]>`
    SELECT 1 FROM live_process
    WHERE id = ${processId}::uuid AND seen_at > now() - make_interval(secs => ${LAPSE_MS / 1_000})`;
  return live !== undefined;
}
