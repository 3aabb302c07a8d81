import { describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { pool } from "@/lib/db/connection-pools";
import { inOrganization } from "@/lib/db/unit-of-work";
import { ERASED_TABLES, eraseDirectory } from "@/lib/directory/retention/erase-directory";
import { beginRun } from "@/lib/directory/runs/begin-run";
import { RunIsOver } from "@/lib/directory/runs/run-errors";
import { startSync } from "@/lib/directory/runs/start-run";
import { planRun } from "@/lib/directory/sync/plan/plan-run";
import { databaseCheckpoint } from "@/lib/directory/sync/read/database-checkpoint";
import { readNothing } from "@/lib/directory/sync/test-support/read-nothing";
import { listDepartments } from "@/lib/directory/tree/list-departments";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import { deleteOrganization } from "@/lib/organizations/delete-organization";
import {
  asAdmin,
  blockDepartment,
  CORP,
  connectApp,
  countBlockedWriters,
  makeOrganization,
  openDingtalk,
  queueSync,
  syncNow,
  TEST_APP_KEY,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { deleteApp } from "./delete-app";
import { eraseAppJob, sweepErased } from "./erase-app";

const admin = openAdmin();
const never = { id: "", tries: 1, signal: new AbortController().signal };

/** Tables with rows of a deleted app's directory. */
const LEFT_BEHIND = [...ERASED_TABLES, "search_term", "change_set", "directory_change", "directory"];

/** Makes an organization that keeps personal data, with two apps that were synced twice with changes in between. */
async function openTwoApps() {
  const dingtalk = await openDingtalk(14);
  const organization = await makeOrganization();
  const { organizationId, userId } = organization;
  await inOrganization(organization, (tx) =>
    tx.organization.update({ where: { organizationId }, data: { keepsPersonal: true } }),
  );
  const app = await connectApp(organization);
  const other = await connectApp(organization, { appKey: `${TEST_APP_KEY}2` });
  const sync = (each = app) => syncNow(organization, each, toolsFor(dingtalk));
  await sync();
  await sync(other);
  dingtalk.control.churn(CORP, { count: 30, seed: 1 });
  dingtalk.control.changeDirectory(CORP, [
    { op: "add_person", name: "新人", userid: "new", departments: [1] },
  ]);
  await sync();
  await sync(other);
  for (const { appId } of [app, other])
    await asAdmin(
      `WITH l AS (INSERT INTO walk_list VALUES ($1, $2, 1, $2, '[]')),
         d AS (INSERT INTO walk_detail VALUES ($1, $2, 1, $2, '{}')),
         p AS (INSERT INTO walk_pages VALUES ($1, $2, 1, $2, NULL)),
         e AS (INSERT INTO dingtalk_event (organization_id, id, subscription_id, app_id, type, source, received_at, state)
           VALUES ($1, $2, $2, $2, 'org_change', 'http', now(), 'stored'))
       INSERT INTO walk_member (organization_id, walk_id, department_id, user_id, app_id, name, other_fields, department_ids)
       VALUES ($1, $2, 1, 'u', $2, '读', '{}', '{1}')`,
      [organizationId, appId],
    );
  const owner = { organizationId, userId, role: "owner" } as const;
  return { dingtalk, organization, owner, app, other, sync };
}

type Ref = { readonly appId: string };

/** Counts an app's rows in each table. */
async function rowsOf({ appId }: Ref): Promise<Record<string, number>> {
  const counts = await Promise.all(
    LEFT_BEHIND.map(async (table) => {
      const [row] = await asAdmin<{ n: number }>(
        `SELECT count(*)::int AS n FROM ${table} WHERE app_id = $1`,
        [appId],
      );
      return [table, row?.n ?? 0] as const;
    }),
  );
  return Object.fromEntries(counts);
}
const tablesWith = (rows: Record<string, number>) => LEFT_BEHIND.filter((table) => (rows[table] ?? 0) > 0);

const jobsOf = ({ organizationId, appId }: Ref & { organizationId: string }) =>
  storedJobs(admin, "app.erase", `${organizationId}/${appId}`);

describe("deleted apps", () => {
  test("a deleted app leaves rows only in tables that are listed as erased, including future tables", async () => {
    const own = await asAdmin<{ name: string }>(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'app_id'
       WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT EXISTS (
         SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.confrelid = 'dingtalk_app'::regclass)`,
    );
    // The logs of calls and of events have their own retention
    const logs = ["logged_call", "webhook_event", "webhook_delivery"];
    expect(own.map(({ name }) => name).sort()).toEqual([...LEFT_BEHIND, ...logs].sort());
  });

  test("a deleted app is invisible at once and erased by a job, and another app is not", async () => {
    const { organization, owner, app, other } = await openTwoApps();
    const before = [await rowsOf(app), await rowsOf(other)];
    expect(before.map(tablesWith)).toEqual([LEFT_BEHIND, LEFT_BEHIND]);
    await deleteApp(grant(owner, "app.delete"), app.appId, null);

    const read = listDepartments(organization.reader, app.appId, { limit: 1 });
    await expect(read).rejects.toMatchObject({ code: "not_found" });
    expect(await asAdmin("SELECT FROM dingtalk_app WHERE id = $1", [app.appId])).toEqual([]);
    expect(await rowsOf(app)).toEqual(before[0]);
    expect(await jobsOf(app)).toMatchObject([{ state: "created" }]);
    await eraseAppJob(app, never);
    expect(tablesWith(await rowsOf(app))).toEqual([]);
    // The job must not erase an existing app
    await eraseAppJob(other, never);
    expect(await rowsOf(other)).toEqual(before[1]);
    expect(await sweepErased(app.organizationId)).toBe(0);
  });

  test("deleting an app does not wait for a writing sync, which leaves no rows", async () => {
    const { dingtalk, owner, app, sync } = await openTwoApps();
    dingtalk.control.changeDirectory(CORP, [{ op: "add_department", parentId: 1, id: 555, name: "新增" }]);
    const blocked = await blockDepartment(app, 555);
    const syncing = sync();
    await expect.poll(countBlockedWriters, { timeout: 10_000 }).toBe(1);
    await deleteApp(grant(owner, "app.delete"), app.appId, null);
    const erasing = eraseAppJob(app, never);
    await blocked.release();
    await expect(syncing).rejects.toThrow();
    await erasing;

    expect(tablesWith(await rowsOf(app))).toEqual([]);
  });

  test("a sync that was running when its app was deleted writes no more rows", async () => {
    const { organization, owner, app } = await openTwoApps();
    const run = await beginRun(await queueSync(organization, app));
    if (!run) throw new Error("no run");
    await deleteApp(grant(owner, "app.delete"), app.appId, null);
    await eraseAppJob(app, never);
    const checkpoint = databaseCheckpoint(run, null);
    await checkpoint.putList("1", []);
    await expect(checkpoint.flush()).rejects.toThrow(RunIsOver);
    await expect(planRun(run, readNothing(), new Map())).rejects.toThrow(RunIsOver);

    expect(tablesWith(await rowsOf(app))).toEqual([]);
  });

  test("a deleted app is erased completely after a job was lost halfway", async () => {
    const { owner, app } = await openTwoApps();
    await deleteApp(grant(owner, "app.delete"), app.appId, null);
    let asked = 0;
    const throwIfAborted = () => {
      asked += 1;
      if (asked === 4) throw new Error("killed");
    };
    const signal = Object.assign(new AbortController().signal, { throwIfAborted });
    await expect(eraseDirectory(app, signal)).rejects.toThrow("killed");
    const left = tablesWith(await rowsOf(app));
    expect(left).toContain("directory");
    expect(left).not.toContain("member");
    await admin.query("DELETE FROM pgboss.job WHERE name = 'app.erase'");
    expect(await sweepErased(app.organizationId)).toBe(1);
    expect(await jobsOf(app)).toHaveLength(1);
    await eraseAppJob(app, never);

    expect(tablesWith(await rowsOf(app))).toEqual([]);
  });
});

test("a deleted organization is invisible at once, and its ID is deleted after its last directory", async () => {
  const { organization, owner, app, other } = await openTwoApps();
  const { organizationId } = organization;
  const [named] = await asAdmin<{ name: string }>(
    "SELECT name FROM organization WHERE organization_id = $1",
    [organizationId],
  );
  const ids = async () =>
    (await pool().query("SELECT FROM organization_ids WHERE id = $1", [organizationId])).rowCount;
  expect(await deleteOrganization(grant(owner, "organization.delete"), named?.name ?? "")).toMatchObject({
    ok: true,
  });
  expect(await startSync(organization.actor, app.appId).catch(({ code }) => code)).toBe("not_found");
  expect(await asAdmin("SELECT FROM memberships WHERE organization_id = $1", [organizationId])).toEqual([]);
  expect([await jobsOf(app), await jobsOf(other)].map((jobs) => jobs.length)).toEqual([1, 1]);
  await eraseAppJob(app, never);
  expect(await ids()).toBe(1);
  await eraseAppJob(other, never);

  expect(await ids()).toBe(0);
  expect([await rowsOf(app), await rowsOf(other)].flatMap(tablesWith)).toEqual([]);
});
