import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { endPauses } from "@/lib/dingtalk-apps/retry-now";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import { tokenTests } from "@/lib/testing/token-tests";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import type { TokenService } from "@/lib/tokens/renewal/token-service";
import { storedState } from "@/lib/tokens/test-support/stored-token";
import { recordRefusal, recordSuccess } from "./app-state";
import { probeApp, sweepProbes } from "./probe-app";

const MINUTE = 60_000;
const LISTSUB = "topapi/v2/department/listsub";

const admin = openAdmin();
const { simulator, now, makeDingtalk, newTokenService, tokenRequests, runSchedule, makeDue } = tokenTests(
  "refused",
  {
    clock: "frozen",
  },
);

const { signal } = new AbortController();
const probe = (service: TokenService, app: AppRef) =>
  probeApp(app, { dingtalk: makeDingtalk(), callerOf: (ref) => callerOf(ref, ref.appId, service) }, signal);
const probeJobs = ({ organizationId, appId }: AppRef) =>
  storedJobs(admin, "app.probe", `${organizationId}/${appId}`);
const listed = () => simulator.control.readCalls({ path: LISTSUB }).total;
const refuseListing = (errcode: number) =>
  simulator.control.addFault({ path: LISTSUB, fault: { kind: "errcode", errcode } });

describe("apps that an API refuses", () => {
  const refusal = (kind: DingtalkErrorKind, api = LISTSUB) =>
    new DingtalkError({ kind, api, upstream: { host: "oapi.dingtalk.com" } });

  async function makeRefused(service: TokenService, error = refusal("missing_permission")) {
    const made = await makeDue(service);
    await inOrganizationSql(made.app, (client) => recordRefusal(client, made.app, error, new Date(now())));
    return made;
  }

  test("a refused API degrades the app with the cause, and a renewed token doesn't verify the app", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service);
    await runSchedule(service, app);

    expect(tokenRequests()).toBe(1);
    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_reason: { kind: "missing_permission", api: LISTSUB },
    });
    expect(await probeJobs(app)).toMatchObject([{ start_after: new Date(now() + 10 * MINUTE) }]);
  });

  test("an app keeps its cause during transient failures", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service);
    simulator.control.addFault({ times: 1, fault: { kind: "status", status: 503 } });
    await runSchedule(service, app);
    simulator.control.advanceClock(MINUTE);
    await runSchedule(service, app);

    expect(tokenRequests()).toBe(2);
    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_reason: { kind: "missing_permission" },
    });
  });

  test("probes a refused app every ten minutes, once for all processes, until it recovers", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service);
    const since = new Date(now());
    await probe(service, app);
    expect(listed()).toBe(0);
    refuseListing(60011);
    simulator.control.advanceClock(10 * MINUTE);
    await Promise.all([probe(service, app), probe(newTokenService(), app), probe(newTokenService(), app)]);
    expect(listed()).toBe(1);
    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_since: since,
      state_reason: { kind: "missing_permission", code: "60011" },
    });
    simulator.control.clearFaults();
    simulator.control.advanceClock(10 * MINUTE);
    await probe(service, app);

    expect(listed()).toBe(2);
    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });
    simulator.control.advanceClock(60 * MINUTE);
    await probe(service, app);
    expect(listed()).toBe(2);
  });

  test("an app stays refused while DingTalk can't be reached", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service);
    simulator.control.addFault({ path: LISTSUB, fault: { kind: "reset" } });
    simulator.control.advanceClock(10 * MINUTE);
    await probe(service, app);

    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_reason: { kind: "missing_permission" },
    });
  });

  test("an app recovers when the API accepts it, even without access to the root department", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service);
    refuseListing(50004);
    simulator.control.advanceClock(10 * MINUTE);
    await probe(service, app);

    expect(await storedState(app)).toMatchObject({ state: "verified" });
  });

  test("probes the app with the contact scope if that call was refused", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service, refusal("ip_not_allowed", "auth/scopes"));
    simulator.control.advanceClock(10 * MINUTE);
    await probe(service, app);

    expect(simulator.control.readCalls({ path: "auth/scopes" }).total).toBe(1);
    expect(await storedState(app)).toMatchObject({ state: "verified" });
  });

  test("probes the app at once when a user asks for it", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service);
    await endPauses(app, now());
    await probe(service, app);

    expect(await storedState(app)).toMatchObject({ state: "verified" });
  });

  test("a repeatedly refused token breaks the app, which is probed after 1, 1, 2 and 4 minutes and recovers", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service, refusal("token_refused_again"));
    refuseListing(40014);
    const begun = now();
    for (const pause of [1, 1, 2, 4]) {
      expect(await probeJobs(app)).toMatchObject([{ start_after: new Date(now() + pause * MINUTE) }]);
      simulator.control.advanceClock(pause * MINUTE - 1);
      simulator.control.clearCalls();
      await probe(service, app);
      expect(listed(), "too early").toBe(0);
      simulator.control.advanceClock(1);
      await probe(service, app);
      expect(listed()).toBeGreaterThan(0);
      expect(await storedState(app)).toMatchObject({
        state: "broken",
        state_since: new Date(begun),
        state_reason: { kind: "token_refused_again" },
      });
    }
    simulator.control.clearFaults();
    simulator.control.advanceClock(8 * MINUTE);
    await probe(service, app);

    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });
  });

  test("a broken app recovers with the first successful sync or by hand", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service, refusal("token_refused_again"));
    await inOrganizationSql(app, (client) => recordSuccess(client, app, "allowed", new Date(now())));
    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });

    const { app: other } = await makeRefused(service, refusal("corp_mismatch"));
    await endPauses(other, now());
    await probe(service, other);
    expect(await storedState(other)).toMatchObject({ state: "verified" });
  });

  test("schedules a lost probe again, without a change to another organization", async () => {
    const { app: other } = await makeRefused(newTokenService());
    const { app } = await makeRefused(newTokenService());
    await admin.query("DELETE FROM pgboss.job WHERE name = 'app.probe'");
    expect(await sweepProbes(app.organizationId, now() + 11 * MINUTE)).toBe(0);
    expect(await sweepProbes(app.organizationId, now() + 11 * MINUTE + 1)).toBe(1);

    expect(await probeJobs(app)).toHaveLength(1);
    expect(await probeJobs(other)).toEqual([]);
  });

  test("does not probe a disabled app", async () => {
    const service = newTokenService();
    const { app } = await makeRefused(service);
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId: app.organizationId },
        data: { state: "disabled" },
      }),
    );
    simulator.control.advanceClock(10 * MINUTE);
    await probe(service, app);

    expect(listed()).toBe(0);
  });
});
