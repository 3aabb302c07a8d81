import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { endMonthlyStopIfRaised } from "@/lib/calls/quota/monthly-stop";
import { inOrganization } from "@/lib/db/unit-of-work";
import { limiterIdOf } from "@/lib/dingtalk/limiter-id";
import { checkScheduleNow } from "@/lib/directory/runs/schedule";
import { notFound } from "@/lib/errors";
import { forgetRate } from "@/lib/limits/egress/shared-state";
import { storedIdentityOf } from "@/lib/secrets/app-credentials";
import { assertAppId } from "./queries";
import type { ChangeAppInput } from "./schema";

/** Fields that are missing stay unchanged. */
export type AppChange = { readonly [K in keyof ChangeAppInput]?: ChangeAppInput[K] | undefined };

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Removes undefined fields, which Prisma rejects. */
const withoutUndefined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;

/** Changes an app's settings. The CorpId changes only for internal apps, because it identifies apps of other kinds. */
export async function changeApp(
  actor: Actor<"app.change">,
  appId: string,
  { corpId, ...input }: AppChange,
): Promise<void> {
  assertAppId(appId);
  const { organizationId } = actor;
  const where = { organizationId, id: appId };
  const changed = await inOrganization(actor, async (tx) => {
    if (input.callsPerMonth !== undefined)
      await endMonthlyStopIfRaised(tx, { organizationId, appId }, input.callsPerMonth);
    const [app] = await tx.dingtalkApp.updateManyAndReturn({
      where,
      data: withoutUndefined(input),
      select: { kind: true, appKey: true, corpId: true },
    });
    if (app && input.syncEveryHours !== undefined) await checkScheduleNow(tx, { organizationId, appId });
    const data = withoutUndefined({ corpId });
    if ("corpId" in data) await tx.dingtalkApp.updateMany({ where: { ...where, kind: "internal" }, data });
    return app;
  });
  if (!changed) throw notFound("app");
  // Another organization with the same app and a lower rate applies its rate again with its next call.
  if (input.callsPerSecond !== undefined) await forgetRate(limiterIdOf(storedIdentityOf(changed)));
}
