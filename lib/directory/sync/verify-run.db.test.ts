import { describe, expect, test } from "vitest";
import { lockApp } from "@/lib/db/lock-app";
import { inOrganization } from "@/lib/db/unit-of-work";
import {
  asAdmin,
  CORP,
  connectApp,
  leastCallsOf,
  makeOrganization,
  openDingtalk,
  readApp,
  readRun,
  rowVersions,
  TEST_APP_KEY,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { startRun } from "../runs/start-run";
import { sweepSyncs } from "../runs/sweep-runs";
import { runSync } from "./run-sync";

async function openApp(size = 60) {
  const dingtalk = await openDingtalk(size);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const run = async (mode: "full" | "verify") => {
    const { runId } = await inOrganization(organization, async (tx) =>
      startRun(tx, { ...app, ...(await lockApp(tx, app)) }, { trigger: "schedule", startedBy: null, mode }),
    );
    await runSync({ ...app, runId }, new AbortController().signal, toolsFor(dingtalk));
    return readRun({ ...app, runId });
  };
  return { dingtalk, organization, app, run };
}

describe("verify runs", () => {
  test("a verify run needs a fifth of a full read's calls for an unchanged directory, and writes nothing", async () => {
    const { app, run } = await openApp();
    const full = await run("full");
    const before = await rowVersions(app);
    const verified = await run("verify");

    expect(verified).toMatchObject({ state: "succeeded", mode: "verify", difference: null, error: null });
    expect(verified.calls).toBeGreaterThan(10);
    expect(verified.calls).toBeLessThanOrEqual(leastCallsOf(full) * 0.2);
    expect(Object.keys(verified.callsByApi as object)).not.toContain("topapi/v2/user/list");
    expect(await rowVersions(app)).toBe(before);
    expect(verified.revision).toBe(full.revision);
  });

  test("a verify run continues as a full run at the first difference", async () => {
    const { dingtalk, app, run } = await openApp();
    await run("full");
    dingtalk.control.changeDirectory(CORP, [
      { op: "add_person", name: "新", userid: "new", departments: [1] },
    ]);
    const turned = await run("verify");
    expect(turned).toMatchObject({
      state: "succeeded",
      mode: "full",
      isComplete: true,
      membersAdded: 1,
      difference: { kind: "member_count" },
    });
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  });

  test("a verify run succeeds with the departments when members may no longer be read, like a full run", async () => {
    const { dingtalk, app, run } = await openApp();
    await run("full");
    dingtalk.control.changeApp(TEST_APP_KEY, { permissions: ["qyapi_base", "qyapi_get_department_list"] });

    const expected = { state: "succeeded", error: { kind: "members_not_permitted" } };
    expect(await run("full")).toMatchObject({ ...expected, mode: "full" });
    expect(await run("verify")).toMatchObject({ ...expected, mode: "verify", difference: null });
    expect(await readApp(app)).toMatchObject({ state: "verified", probeAt: null });
  });

  test("a verify run is a full run before the first complete read", async () => {
    const { run } = await openApp(5);
    expect(await run("verify")).toMatchObject({ state: "succeeded", mode: "full", isComplete: true });
  });

  test("the schedule starts a verify run between two full runs", async () => {
    const { organization, app, run } = await openApp(5);
    await run("full");
    const next = async (fullHoursAgo: number) => {
      await asAdmin(`UPDATE directory SET full_at = now() - make_interval(hours => $2) WHERE app_id = $1`, [
        app.appId,
        fullHoursAgo,
      ]);
      await asAdmin(`UPDATE dingtalk_app SET active_run_id = NULL WHERE id = $1`, [app.appId]);
      await asAdmin(
        `UPDATE sync_run SET queued_at = now() - interval '9 days', state = 'cancelled' WHERE app_id = $1`,
        [app.appId],
      );
      await sweepSyncs(organization.organizationId);
      const [row] = await asAdmin<{ mode: string }>(
        `SELECT mode::text FROM sync_run WHERE app_id = $1 ORDER BY number DESC LIMIT 1`,
        [app.appId],
      );
      return row?.mode;
    };
    // Every six hours a verify run, every day a full one
    expect(await next(1)).toBe("verify");
    expect(await next(17)).toBe("verify");
    expect(await next(19)).toBe("full");
  });
});
