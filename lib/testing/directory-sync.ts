import pg from "pg";
import { afterAll } from "vitest";
import type { AppRef, RunRef } from "@/lib/app-ref";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { startSync } from "@/lib/directory/runs/start-run";
import { runSync, type SyncTools } from "@/lib/directory/sync/run-sync";
import type { AppState, Role } from "@/prisma/generated/enums";
import { type Simulator, type SimulatorOptions, startSimulator } from "@/simulator/start-simulator";
import { SESSIONS } from "./connections";
import { makeApp, makeOrganization as makeBareOrganization } from "./factories";
import { closeAgent, TEST_APP_KEY, TEST_APP_SECRET, toolsFor } from "./sync-tools";

export { interrupted, TEST_APP_KEY, toolsFor } from "./sync-tools";

export const CORP = "dingcorpoftests";

const opened: { close(): unknown }[] = [{ close: closeAgent }];
afterAll(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** Starts a simulator with one organization, one app and no rate limits. */
export async function openDingtalk(size: number | "small" | "company" = 12, options: SimulatorOptions = {}) {
  const simulator = await startSimulator({
    organizations: [{ corpId: CORP, size }],
    apps: [{ appKey: TEST_APP_KEY, appSecret: TEST_APP_SECRET, corpId: CORP }],
    limits: { appApiPerSecond: null },
    settings: { legacyDepartmentApi: "closed" },
    ...options,
  });
  opened.push(simulator);
  return simulator;
}

/** Makes an organization with actors that may sync and read its directories. */
export async function makeOrganization() {
  const { organizationId, owner } = await makeBareOrganization();
  const { userId, email } = owner;
  const as = (role: Role) => grant({ organizationId, role, userId }, "directory.sync");
  const reader = grant({ organizationId, role: "viewer", userId }, "directory.read");
  return { organizationId, userId, email, actor: as("owner"), as, reader };
}

export type TestOrganization = Awaited<ReturnType<typeof makeOrganization>>;

/** Connects an app that exists in the simulator, unless another key is given. */
export const connectApp = (
  { organizationId }: Pick<TestOrganization, "organizationId">,
  { state = "verified", appKey = TEST_APP_KEY }: { state?: AppState; appKey?: string } = {},
): Promise<AppRef> => makeApp({ appKey, appSecret: TEST_APP_SECRET }, { organizationId, state });

/** Starts a simulator and makes an organization with a connected app and the tools to sync it. */
export async function openApp(size: number | "small" = 19) {
  const dingtalk = await openDingtalk(size);
  const organization = await makeOrganization();
  return { dingtalk, organization, app: await connectApp(organization), tools: toolsFor(dingtalk) };
}

/** Starts a sync like a user. @returns the payload of its job */
export async function queueSync({ actor }: Pick<TestOrganization, "actor">, app: AppRef): Promise<RunRef> {
  const started = await startSync(actor, app.appId);
  if (!started.ok) throw new Error("the sync was not started");
  return { ...app, runId: started.value.runId };
}

/** Runs a whole sync. @returns the run's row */
export async function syncNow(organization: Pick<TestOrganization, "actor">, app: AppRef, tools: SyncTools) {
  const job = await queueSync(organization, app);
  await runSync(job, new AbortController().signal, tools);
  return readRun(job);
}

export const readRun = ({ organizationId, runId }: RunRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.syncRun.findUniqueOrThrow({ where: { organizationId_id: { organizationId, id: runId } } }),
  );

export const leastCallsOf = ({ leastCalls }: { readonly leastCalls: unknown }): number =>
  Object.values(leastCalls as Record<string, number>).reduce((sum, calls) => sum + calls, 0);

export const readApp = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findUniqueOrThrow({ where: { organizationId_id: { organizationId, id: appId } } }),
  );

/** Returns an app's departments by id, including removed ones. */
export async function readDepartments({ organizationId, appId }: AppRef) {
  const rows = await inOrganization({ organizationId }, (tx) =>
    tx.department.findMany({ where: { organizationId, appId } }),
  );
  return new Map(rows.map((row) => [Number(row.departmentId), row]));
}

/** Returns the stored tree, in the form of `truthOf`. */
export async function treeOf(app: AppRef) {
  const rows = [...(await readDepartments(app)).values()].filter(({ removedAt }) => removedAt === null);
  return new Map(
    rows.map(({ departmentId, parentId, name }) => [
      Number(departmentId),
      { parentId: parentId === null ? null : Number(parentId), name },
    ]),
  );
}

export const truthOf = ({ control }: Simulator) =>
  new Map(control.listDepartments(CORP).map(({ id, parentId, name }) => [id, { parentId, name }]));

let admin: pg.Pool | undefined;

/** Runs a query as superuser, without row security. */
export async function asAdmin<T extends pg.QueryResultRow>(
  sql: string,
  values: unknown[] = [],
): Promise<T[]> {
  if (!admin) {
    const pool = new pg.Pool({ connectionString: process.env.TEST_ADMIN_URL, max: 4 });
    opened.push({ close: () => pool.end() });
    admin = pool;
  }
  return (await admin.query<T>(sql, values)).rows;
}

/** Returns the physical versions of an app's department rows, which change with every write. */
export async function rowVersions({ appId }: AppRef): Promise<string> {
  const [row] = await asAdmin<{ versions: string }>(
    `SELECT coalesce(string_agg(department_id || ':' || xmin || ':' || ctid, ',' ORDER BY department_id), '') AS versions
     FROM department WHERE app_id = $1`,
    [appId],
  );
  return row?.versions ?? "";
}

/** Inserts a department in an open transaction, so that other writers of this row wait. */
export async function blockDepartment({ organizationId, appId }: AppRef, departmentId: number) {
  const client = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
  await client.connect();
  await client.query("BEGIN");
  await client.query(
    `INSERT INTO department (organization_id, app_id, department_id, name, extra, first_seen_at, changed_at)
     VALUES ($1, $2, $3, 'blocked', '{}', now(), now())`,
    [organizationId, appId, departmentId],
  );
  return {
    release: async () => {
      await client.query("ROLLBACK");
      await client.end();
    },
  };
}

/** Counts sessions that wait for a department's row after a write. A Citus worker names the shard `department_123`. */
export async function countBlockedWriters(): Promise<number> {
  const waiting = await asAdmin(
    `SELECT pid FROM ${SESSIONS} WHERE datname = current_database() AND wait_event_type = 'Lock'
     AND backend_xid IS NOT NULL AND query ~ 'INSERT INTO (public\\.)?department(_[0-9]+)? '`,
  );
  return waiting.length;
}
