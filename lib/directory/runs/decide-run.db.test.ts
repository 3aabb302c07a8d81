import { describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { listNotices } from "@/lib/notices/queries";
import {
  asAdmin,
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  readDepartments,
  readRun,
  rowVersions,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import type { DepartmentState, MemberState } from "../changes/stored-states";
import { type DecisionInput, decideRun } from "./decide-run";
import { expireHeldRuns, expireRunsJob } from "./held-runs";

/** An app with a held run: its scope shrank to its first department. */
async function openHeld() {
  const dingtalk = await openDingtalk(19);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const truth = truthOf(dingtalk);
  const top = [...truth].filter(([, { parentId }]) => parentId === 1).map(([id]) => id);
  const sync = () => syncNow(organization, app, toolsFor(dingtalk));
  await sync();
  dingtalk.control.changeDirectory(CORP, [
    { op: "rename_department", id: top[0] ?? 0, name: "改了名" },
    { op: "add_person", name: "新来的", userid: "newcomer", departments: [top[0] ?? 0] },
  ]);
  const setScope = (departments: number[]) =>
    dingtalk.control.changeApp(TEST_APP_KEY, { scope: { departments, users: [] } });
  setScope([top[0] ?? 0]);
  const held = await sync();
  const { organizationId, userId } = organization;
  const actor = grant({ organizationId, role: "admin", userId }, "directory.decide");
  const decide = (input: Omit<DecisionInput, "reason">) =>
    decideRun(actor, held.id, { reason: "因为", ...input });
  const removals = held.removed + held.membersRemoved;
  return { dingtalk, organization, app, top, truth, sync, held, actor, decide, removals, setScope };
}

const changesOf = (runId: string) =>
  asAdmin<{
    object: string;
    kind: string;
    reason: string | null;
    outcome: string | null;
    before: DepartmentState | MemberState | null;
    after: DepartmentState | MemberState | null;
  }>(
    `SELECT object, kind, reason, outcome, before, after FROM directory_change WHERE set_id = $1 ORDER BY number`,
    [runId],
  );

const noticesOf = ({ organizationId, userId }: { organizationId: string; userId: string }) =>
  listNotices(grant({ organizationId, role: "viewer", userId }, "app.read"));

describe("held runs", () => {
  test.each(["without_removals", "all", "rejected"] as const)(
    "a held run has a notice until it is decided: %s",
    async (decision) => {
      const { organization, app, held, decide, removals } = await openHeld();
      expect(await noticesOf(organization)).toMatchObject([
        { id: held.id, appId: app.appId, state: "held", endedAt: null, isSeen: false },
      ]);
      await decide({ decision, removals });
      expect(await noticesOf(organization)).toMatchObject([{ id: held.id, endedAt: expect.any(Date) }]);
    },
  );

  test("a held run has no pending notice after a newer run superseded it or it expired", async () => {
    const { organization, held, sync } = await openHeld();
    const newer = await sync();
    expect(newer.state).toBe("held");
    expect(await noticesOf(organization)).toMatchObject([
      { id: newer.id, endedAt: null },
      { id: held.id, endedAt: expect.any(Date) },
    ]);
    await asAdmin(`UPDATE sync_run SET held_until = now() WHERE id = $1`, [newer.id]);
    await expireHeldRuns(organization.organizationId);
    expect(await noticesOf(organization)).toMatchObject([
      { endedAt: expect.any(Date) },
      { endedAt: expect.any(Date) },
    ]);
  });

  test("a held run stores its plan with the states before and after, and why it is held", async () => {
    const { held, removals } = await openHeld();
    expect(held.state).toBe("held");
    expect(removals).toBeGreaterThan(50);
    const changes = await changesOf(held.id);
    const removed = changes.filter(({ kind }) => kind === "removed");
    expect(removed).toHaveLength(removals);
    expect(new Set(removed.map(({ reason }) => reason))).toEqual(new Set(["out_of_scope"]));
    expect(changes.find(({ kind }) => kind === "renamed")?.after?.name).toBe("改了名");
    expect(changes.find(({ after }) => after?.name === "新来的")).toMatchObject({
      object: "member",
      kind: "added",
      before: null,
    });
  });

  test("applies a held run without its removals, which the plan lists as left out", async () => {
    const { app, decide, held, truth } = await openHeld();
    expect(await decide({ decision: "without_removals" })).toEqual({ ok: true, value: { skipped: 0 } });

    const tree = await treeOf(app);
    expect(tree.size).toBe(truth.size);
    expect([...tree.values()].map(({ name }) => name)).toContain("改了名");
    expect(await readRun({ ...app, runId: held.id })).toMatchObject({
      state: "succeeded",
      decision: "without_removals",
      decisionReason: "因为",
    });
    const outcomes = (await changesOf(held.id)).map(({ kind, outcome }) => `${kind} ${outcome}`);
    expect(new Set(outcomes)).toEqual(new Set(["removed left_out", "renamed null", "added null"]));
  });

  test("applies a held run with its removals when their number is typed, and accepts the smaller scope", async () => {
    const { app, decide, sync, removals, top } = await openHeld();
    expect(await decide({ decision: "all", removals: removals - 1 })).toEqual({
      ok: false,
      error: { kind: "wrong_number", removals },
    });
    expect(await decide({ decision: "all", removals })).toMatchObject({ ok: true });

    const tree = await treeOf(app);
    expect([...tree.keys()]).toContain(top[0]);
    expect([...tree.keys()]).not.toContain(top[1]);
    const [directory] = await asAdmin(`SELECT scope FROM directory WHERE app_id = $1`, [app.appId]);
    expect(directory).toEqual({ scope: { departmentIds: [String(top[0])], userIds: [] } });
    expect(await sync()).toMatchObject({ state: "succeeded", removed: 0, membersRemoved: 0, added: 0 });
  });

  test("changes nothing when a held run is rejected", async () => {
    const { app, decide, held } = await openHeld();
    const before = await rowVersions(app);
    expect(await decide({ decision: "rejected" })).toMatchObject({ ok: true });
    expect(await rowVersions(app)).toBe(before);
    expect(await readRun({ ...app, runId: held.id })).toMatchObject({
      state: "rejected",
      decision: "rejected",
    });
  });

  test("accepts one of two concurrent decisions, and tells the second person who was first", async () => {
    const { decide, organization } = await openHeld();
    const [first, second] = await Promise.all([
      decide({ decision: "rejected" }),
      decide({ decision: "without_removals" }),
    ]);
    const [won, lost] = first.ok ? [first, second] : [second, first];
    expect(won.ok).toBe(true);
    expect(lost).toMatchObject({
      ok: false,
      error: { kind: "already_decided", decidedBy: organization.email, decidedAt: expect.any(Date) },
    });
  });

  test("a later complete run supersedes a held run, whether the later run is held or not", async () => {
    const { app, held, decide, sync, setScope } = await openHeld();
    const second = await sync();
    expect(second.state).toBe("held");
    setScope([1]);
    const third = await sync();
    expect(third).toMatchObject({ state: "succeeded", removed: 0 });
    const states = await Promise.all([held, second].map(({ id }) => readRun({ ...app, runId: id })));
    expect(states).toMatchObject([
      { state: "superseded", supersededById: second.id },
      { state: "superseded", supersededById: third.id },
    ]);
    expect(await decide({ decision: "rejected" })).toMatchObject({
      ok: false,
      error: { kind: "superseded", byRunId: second.id },
    });
  });

  test("a held run expires after seven days and then refuses decisions, before and after the sweep", async () => {
    const { organization, app, held, decide } = await openHeld();
    const until = held.heldUntil?.getTime() ?? 0;
    expect(Math.round((until - (held.finishedAt?.getTime() ?? 0)) / 86_400_000)).toBe(7);
    await asAdmin(`UPDATE sync_run SET held_until = now() WHERE id = $1`, [held.id]);
    expect(await decide({ decision: "rejected" })).toMatchObject({ ok: false, error: { kind: "expired" } });
    expect(await expireHeldRuns(organization.organizationId)).toBe(1);
    expect(await readRun({ ...app, runId: held.id })).toMatchObject({ state: "expired" });
  });

  test("the run's own job expires the held run at that time", async () => {
    const { organization, app, held } = await openHeld();
    const { organizationId } = organization;
    const waiting = await asAdmin<{ data: object; start_after: Date }>(
      "SELECT data, start_after FROM pgboss.job WHERE name = 'run.expire' AND singleton_key = $1",
      [`${organizationId}/${held.id}`],
    );
    expect(waiting).toEqual([{ data: { organizationId }, start_after: held.heldUntil }]);
    await asAdmin(`UPDATE sync_run SET held_until = now() WHERE id = $1`, [held.id]);
    await expireRunsJob({ organizationId }, { id: "", tries: 1, signal: new AbortController().signal });
    expect(await readRun({ ...app, runId: held.id })).toMatchObject({ state: "expired" });
  });

  test("skips rows that changed since the plan was made, and lists them", async () => {
    const { app, decide, held, top } = await openHeld();
    // As a restore or another decision would: the directory and the row have a newer revision
    await asAdmin(`UPDATE directory SET revision = revision + 1 WHERE app_id = $1`, [app.appId]);
    await asAdmin(
      `UPDATE department SET name = '别人改的', since_revision = since_revision + 1 WHERE app_id = $1 AND department_id = $2`,
      [app.appId, top[0]],
    );
    expect(await decide({ decision: "without_removals" })).toEqual({ ok: true, value: { skipped: 1 } });
    expect((await readDepartments(app)).get(top[0] ?? 0)?.name).toBe("别人改的");
    const skipped = (await changesOf(held.id)).filter(({ outcome }) => outcome === "skipped");
    expect(skipped).toMatchObject([{ kind: "renamed", after: { name: "改了名" } }]);
  });
});
