import { describe, expect, test } from "vitest";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import {
  blockDepartment,
  CORP,
  connectApp,
  countBlockedWriters,
  makeOrganization,
  openDingtalk,
  queueSync,
  readApp,
  rowVersions,
  syncNow,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { bundleProgram, type Program, spawnProgram } from "@/lib/testing/program";
import type { DirectoryChange } from "@/simulator/control-input";
import type { Simulator } from "@/simulator/start-simulator";

const LISTSUB = "topapi/v2/department/listsub";
const PROGRAM = { file: "lib/testing/sync-child.ts" };

/** A process that syncs, and ends with the test. */
function start(
  path: string,
  what: { job?: RunRef; url?: string },
  env: Record<string, string> = {},
): Program {
  return spawnProgram(path, { args: [JSON.stringify(what)], env });
}

const pending = ({ control }: Simulator) => control.readCalls({ path: LISTSUB }).byOutcome["(pending)"] ?? 0;

/** Returns the versions of the department rows and of the members. */
const versions = async (app: AppRef) => [await rowVersions(app), ...(await peopleOf(app))].join("\n");

/** Adds, deletes and moves a member, and adds a second department to another. */
function peopleChanged({ control }: Simulator): DirectoryChange[] {
  const [gone, moved, second] = control.listMembers(CORP, 1).map(({ userid }) => userid);
  if (gone === undefined || moved === undefined || second === undefined) throw new Error("too few people");
  return [
    { op: "add_person", userid: "new-one", name: "新人", departments: [4] },
    { op: "remove_person", userid: gone },
    { op: "change_person", userid: moved, name: "改名", departments: [2] },
    { op: "change_person", userid: second, departments: [1, 3] },
  ];
}

/** Returns the stored members with their departments, one line each. */
async function peopleOf({ organizationId, appId }: AppRef): Promise<string[]> {
  const { rows } = await inOrganizationSql({ organizationId }, (client) =>
    client.query<{ line: string }>(
      `SELECT m.user_id || ' ' || m.name || ' ' || coalesce(string_agg(p.department_id::text, ',' ORDER BY p.department_id), '')
         AS line
       FROM member m LEFT JOIN member_place p ON p.organization_id = $1 AND p.app_id = $2 AND p.user_id = m.user_id
       WHERE m.organization_id = $1 AND m.app_id = $2 AND m.removed_at IS NULL GROUP BY m.user_id, m.name`,
      [organizationId, appId],
    ),
  );
  return rows.map(({ line }) => line).sort();
}

/** Returns the members of the simulated DingTalk in the same form. */
function truePeople({ control }: Simulator): string[] {
  const people = new Map<string, { name: string; departments: number[] }>();
  for (const { id } of control.listDepartments(CORP)) {
    for (const { userid, name } of control.listMembers(CORP, id)) {
      const known = people.get(userid) ?? { name, departments: [] };
      known.departments.push(id);
      people.set(userid, known);
    }
  }
  const line = ([userid, { name, departments }]: [string, { name: string; departments: number[] }]) =>
    `${userid} ${name} ${departments.sort((a, b) => a - b).join()}`;
  return [...people].map(line).sort();
}

async function openChanged() {
  const dingtalk = await openDingtalk(19);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  await syncNow(organization, app, toolsFor(dingtalk));
  const before = await versions(app);
  dingtalk.control.changeDirectory(CORP, [
    { op: "rename_department", id: 1, name: "新名" },
    { op: "add_department", parentId: 1, id: 2, name: "一" },
    { op: "add_department", parentId: 2, id: 3, name: "二" },
    { op: "add_department", parentId: 3, id: 4, name: "三" },
    ...peopleChanged(dingtalk),
  ]);
  return { dingtalk, organization, app, before };
}

const runsOf = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.syncRun.findMany({ where: { organizationId, appId }, orderBy: { number: "asc" } }),
  );

describe("sync processes that get kill -9", () => {
  test("a killed sync leaves the old tree after three kills, and completes in the fourth process", async () => {
    const { dingtalk, organization, app, before } = await openChanged();
    const job = await queueSync(organization, app);
    const { url, control } = dingtalk;
    const path = await bundleProgram(PROGRAM);

    for (const afterCalls of [5, 15]) {
      control.addFault({ path: LISTSUB, afterCalls, fault: { kind: "hang" } });
      const reader = start(path, { job, url });
      await expect.poll(() => pending(dingtalk)).toBeGreaterThan(0);
      await reader.kill();
      control.clearFaults();
      await expect.poll(() => pending(dingtalk)).toBe(0);
      expect(await versions(app)).toBe(before);
    }

    const block = await blockDepartment(app, 4);
    const writer = start(path, { job, url });
    await expect.poll(countBlockedWriters).toBe(1);
    await writer.kill();
    await block.release();
    await expect.poll(countBlockedWriters).toBe(0);
    expect(await versions(app)).toBe(before);

    expect(await start(path, { job, url }).ended).toBe(0);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    expect(await peopleOf(app)).toEqual(truePeople(dingtalk));
    const [, ...runs] = await runsOf(app);
    expect(runs.map(({ state, trigger }) => `${state} ${trigger}`)).toEqual([
      "interrupted manual",
      "interrupted takeover",
      "interrupted takeover",
      "succeeded takeover",
    ]);
    expect(runs.map(({ resumesRunId }) => resumesRunId)).toEqual([
      null,
      ...runs.slice(0, 3).map(({ id }) => id),
    ]);
    expect((await readApp(app)).activeRunId).toBeNull();
  }, 90_000);

  test("another worker replaces a killed sync process through the queue", async () => {
    const { dingtalk, organization, app, before } = await openChanged();
    const { url, control } = dingtalk;
    const path = await bundleProgram(PROGRAM);
    const env = { DINGTALK_OAPI_URL: url, DINGTALK_API_URL: url, DINGTALK_QPS: "1000" };
    control.addFault({ path: LISTSUB, afterCalls: 10, fault: { kind: "hang" } });
    await queueSync(organization, app);
    const first = start(path, {}, env);
    await expect.poll(() => pending(dingtalk)).toBeGreaterThan(0);
    start(path, {}, env);
    await first.kill();
    control.clearFaults();

    await expect
      .poll(async () => (await runsOf(app)).at(-1), { timeout: 60_000 })
      .toMatchObject({ state: "succeeded", number: 3 });
    const [, lost, next] = await runsOf(app);
    expect(lost).toMatchObject({ state: "interrupted", error: { kind: "worker_lost" } });
    expect(next).toMatchObject({ trigger: "takeover", resumesRunId: lost?.id });
    expect(await versions(app)).not.toBe(before);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    expect(await peopleOf(app)).toEqual(truePeople(dingtalk));
  }, 120_000);
});
