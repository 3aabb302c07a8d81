import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import type { DingtalkErrorKind } from "@/lib/dingtalk/error-kinds";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { hastenRetry } from "@/lib/dingtalk-apps/hasten-retry";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import { tokenTests } from "@/lib/testing/token-tests";
import type { Keeper } from "@/lib/tokens/renewal/token-service";
import { storedState } from "@/lib/tokens/test-support/stored-token";
import { probeApp } from "./probe-app";
import { noteSuccess } from "./record-outcome";
import { noteRefusal } from "./record-refusal";
import { sweepProbes } from "./sweep-probes";

const MINUTE = 60_000;
const LISTSUB = "topapi/v2/department/listsub";

const admin = openAdmin();
const { simulator, now, way, newKeeper, asked, runSchedule, makeDue } = tokenTests("refused", {
  clock: "frozen",
});

const { signal } = new AbortController();
const probe = (keeper: Keeper, app: AppRef) => probeApp(app, signal, { keeper, dingtalk: way() });
const probeJobs = ({ organizationId, appId }: AppRef) =>
  storedJobs(admin, "app.probe", `${organizationId}/${appId}`);
const listed = () => simulator.control.readCalls({ path: LISTSUB }).total;
const refuseListing = (errcode: number) =>
  simulator.control.addFault({ path: LISTSUB, fault: { kind: "errcode", errcode } });

describe("an app that an API refuses", () => {
  const refusal = (kind: DingtalkErrorKind, api = LISTSUB) =>
    new DingtalkError({ kind, api, upstream: { host: "oapi.dingtalk.com" } });

  async function makeRefused(keeper: Keeper, error = refusal("missing_permission")) {
    const made = await makeDue(keeper);
    await inOrganizationSql(made.app, (client) => noteRefusal(client, made.app, error, new Date(now())));
    return made;
  }

  test("is degraded with the cause, and the renewal of its token doesn't say otherwise", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper);
    await runSchedule(keeper, app);

    expect(asked()).toBe(1);
    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_reason: { kind: "missing_permission", api: LISTSUB },
    });
    expect(await probeJobs(app)).toMatchObject([{ start_after: new Date(now() + 10 * MINUTE) }]);
  });

  test("keeps its cause while something passes, too", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper);
    simulator.control.addFault({ times: 1, fault: { kind: "status", status: 503 } });
    await runSchedule(keeper, app);
    simulator.control.advanceClock(MINUTE);
    await runSchedule(keeper, app);

    expect(asked()).toBe(2);
    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_reason: { kind: "missing_permission" },
    });
  });

  test("is called every ten minutes, once for all processes, and recovers by itself", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper);
    const since = new Date(now());
    await probe(keeper, app);
    expect(listed()).toBe(0);
    refuseListing(60011);
    simulator.control.advanceClock(10 * MINUTE);
    await Promise.all([probe(keeper, app), probe(newKeeper(), app), probe(newKeeper(), app)]);
    expect(listed()).toBe(1);
    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_since: since,
      state_reason: { kind: "missing_permission", code: "60011" },
    });
    simulator.control.clearFaults();
    simulator.control.advanceClock(10 * MINUTE);
    await probe(keeper, app);

    expect(listed()).toBe(2);
    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });
    simulator.control.advanceClock(60 * MINUTE);
    await probe(keeper, app);
    expect(listed()).toBe(2);
  });

  test("stays refused while nothing can be reached", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper);
    simulator.control.addFault({ path: LISTSUB, fault: { kind: "reset" } });
    simulator.control.advanceClock(10 * MINUTE);
    await probe(keeper, app);

    expect(await storedState(app)).toMatchObject({
      state: "degraded",
      state_reason: { kind: "missing_permission" },
    });
  });

  test("recovers when it may ask, though not about the root", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper);
    refuseListing(50004);
    simulator.control.advanceClock(10 * MINUTE);
    await probe(keeper, app);

    expect(await storedState(app)).toMatchObject({ state: "verified" });
  });

  test("is asked what its contact scope is, if that is what was refused", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper, refusal("ip_not_allowed", "auth/scopes"));
    simulator.control.advanceClock(10 * MINUTE);
    await probe(keeper, app);

    expect(simulator.control.readCalls({ path: "auth/scopes" }).total).toBe(1);
    expect(await storedState(app)).toMatchObject({ state: "verified" });
  });

  test("is probed at once when somebody presses the button", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper);
    await hastenRetry(app, now());
    await probe(keeper, app);

    expect(await storedState(app)).toMatchObject({ state: "verified" });
  });

  test("whose token is refused again and again is broken, probed after 1, 1, 2 and 4 minutes, and recovers", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper, refusal("token_refused_again"));
    refuseListing(40014);
    const begun = now();
    for (const pause of [1, 1, 2, 4]) {
      expect(await probeJobs(app)).toMatchObject([{ start_after: new Date(now() + pause * MINUTE) }]);
      simulator.control.advanceClock(pause * MINUTE - 1);
      simulator.control.clearCalls();
      await probe(keeper, app);
      expect(listed(), "too early").toBe(0);
      simulator.control.advanceClock(1);
      await probe(keeper, app);
      expect(listed()).toBeGreaterThan(0);
      expect(await storedState(app)).toMatchObject({
        state: "broken",
        state_since: new Date(begun),
        state_reason: { kind: "token_refused_again" },
      });
    }
    simulator.control.clearFaults();
    simulator.control.advanceClock(8 * MINUTE);
    await probe(keeper, app);

    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });
  });

  test("that is broken recovers with the first sync that succeeds, and with the button", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper, refusal("token_refused_again"));
    await inOrganizationSql(app, (client) => noteSuccess(client, app, "allowed", new Date(now())));
    expect(await storedState(app)).toMatchObject({ state: "verified", state_reason: null });

    const { app: other } = await makeRefused(keeper, refusal("corp_mismatch"));
    await hastenRetry(other, now());
    await probe(keeper, other);
    expect(await storedState(other)).toMatchObject({ state: "verified" });
  });

  test("has a lost probe put back, and another organization's isn't touched", async () => {
    const { app: other } = await makeRefused(newKeeper());
    const { app } = await makeRefused(newKeeper());
    await admin.query("DELETE FROM pgboss.job WHERE name = 'app.probe'");
    expect(await sweepProbes(app.organizationId, now() + 11 * MINUTE)).toBe(0);
    expect(await sweepProbes(app.organizationId, now() + 11 * MINUTE + 1)).toBe(1);

    expect(await probeJobs(app)).toHaveLength(1);
    expect(await probeJobs(other)).toEqual([]);
  });

  test("is left alone once it is disabled", async () => {
    const keeper = newKeeper();
    const { app } = await makeRefused(keeper);
    await inOrganization(app, (tx) =>
      tx.dingtalkApp.updateMany({
        where: { organizationId: app.organizationId },
        data: { state: "disabled" },
      }),
    );
    simulator.control.advanceClock(10 * MINUTE);
    await probe(keeper, app);

    expect(listed()).toBe(0);
  });
});
