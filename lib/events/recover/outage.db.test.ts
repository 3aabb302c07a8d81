import { beforeEach, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { disableApp } from "@/lib/dingtalk-apps/enable-disable-app";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { setUpSubscription } from "../subscription/set-up";
import { outageJob } from "./outage-job";
import { recordUptime } from "./uptime";

const admin = openAdmin();
const outages = async () => {
  const { rows } = await admin.query("SELECT 1 FROM pgboss.job WHERE name = 'event.outage'");
  return rows.length;
};
const setSeen = (seconds: number) =>
  admin.query("UPDATE callback_uptime SET seen_at = now() - make_interval(secs => $1)", [seconds]);

beforeEach(async () => {
  await admin.query("DELETE FROM callback_uptime");
  await admin.query("DELETE FROM pgboss.job WHERE name = 'event.outage'");
});

test("more than 10 seconds without a server that receives callbacks are an outage, once", async () => {
  await recordUptime();
  await setSeen(9);
  await recordUptime();
  expect(await outages()).toBe(0);

  await setSeen(11);
  await Promise.all([recordUptime(), recordUptime()]);
  await recordUptime();
  expect(await outages()).toBe(1);
});

test("an outage requests a sync of the third-party apps whose address DingTalk has verified, and of no other app", async () => {
  const { organizationId, owner } = await makeOrganization();
  const makeSubscribed = async (kind: "isv" | "internal", isVerified: boolean) => {
    const appKey = crypto.randomUUID();
    const app = await makeApp({ appKey, appSecret: "outage-app-secret" }, { organizationId });
    const where = { organizationId, id: app.appId };
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({ where, data: { kind, corpId: "dingoutage" } }),
    );
    await setUpSubscription(grant(owner, "app.change"), app.appId, { token: null, aesKey: null });
    const subject = kind === "isv" ? { suiteKey: appKey } : { appId: app.appId };
    if (isVerified)
      await inOrganization(app, (tx) =>
        tx.eventSubscription.updateMany({
          where: { organizationId, ...subject },
          data: { verifiedAt: new Date() },
        }),
      );
    return app;
  };
  const suite = await makeSubscribed("isv", true);
  const unverified = await makeSubscribed("isv", false);
  const internal = await makeSubscribed("internal", true);
  const disabled = await makeSubscribed("isv", true);
  await disableApp(grant(owner, "app.change"), disabled.appId);

  await outageJob({}, { signal: new AbortController().signal } as never);
  const requested = await Promise.all(
    [suite, unverified, internal, disabled].map(
      async ({ appId }) => (await storedJobs(admin, "event.reconcile", `${organizationId}/${appId}`)).length,
    ),
  );
  expect(requested).toEqual([1, 0, 0, 0]);
});
