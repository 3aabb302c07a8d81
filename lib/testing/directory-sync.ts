import { randomUUID } from "node:crypto";
import pg from "pg";
import { Agent } from "undici";
import { v7 as newId } from "uuid";
import { afterAll } from "vitest";
import { grant } from "@/lib/auth/actor";
import { addUserWithOrganization } from "@/lib/auth/sign-up";
import { inOrganization } from "@/lib/db/unit-of-work";
import { createDingtalk, type DingtalkAttempt, type DingtalkOptions } from "@/lib/dingtalk/client";
import { requestAccessToken } from "@/lib/dingtalk/tokens";
import { startSync } from "@/lib/directory/commands";
import { directoryCalls } from "@/lib/directory/directory-calls";
import type { AppRef, RunRef } from "@/lib/directory/refs";
import { runSync, type SyncTools } from "@/lib/directory/run-sync";
import { Redacted } from "@/lib/redacted";
import type { AppState, Role } from "@/prisma/generated/enums";
import { type Simulator, type SimulatorOptions, startSimulator } from "@/simulator/start-simulator";

export const CORP = "dingcorpoftests";
const APP = { appKey: "dingkeyoftests", appSecret: "secret-of-tests-only" };

const opened: { close(): unknown }[] = [];
afterAll(async () => {
  for (const each of opened.splice(0)) await each.close();
});

/** A simulated DingTalk with one organization and one app, which answers as fast as it can. */
export async function openDingtalk(
  size: number | "small" | "company" = "small",
  options: SimulatorOptions = {},
) {
  const simulator = await startSimulator({
    organizations: [{ corpId: CORP, size }],
    apps: [{ ...APP, corpId: CORP }],
    limits: { appApiPerSecond: null },
    ...options,
  });
  opened.push(simulator);
  return simulator;
}

/** An organization with its owner. */
export async function makeOrganization() {
  const email = `${randomUUID()}@example.com`;
  const made = await addUserWithOrganization(email, "Tests", null);
  if (!made.ok) throw new Error("an organization for a test was not made");
  const { organizationId, userId } = made.value;
  const as = (role: Role) => grant({ organizationId, role, userId }, "directory.sync");
  return { organizationId, userId, email, actor: as("owner"), as };
}

export type TestOrganization = Awaited<ReturnType<typeof makeOrganization>>;

/** A connected app, whose secret nobody reads. */
export async function connectApp(
  { organizationId }: Pick<TestOrganization, "organizationId">,
  { state = "verified", appKey = APP.appKey }: { state?: AppState; appKey?: string } = {},
): Promise<AppRef> {
  const appId = newId();
  await inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.create({
      data: {
        organizationId,
        id: appId,
        name: "Tests",
        appKey,
        sealedSecret: new Uint8Array(),
        secretTail: "only",
        state,
      },
    }),
  );
  return { organizationId, appId };
}

const agent = new Agent();
opened.push(agent);

/** What a sync works with, with no limiter and no pauses, and short time limits. */
export function toolsFor(
  { url }: Pick<Simulator, "url">,
  { dingtalk: options, ...rest }: Partial<SyncTools> & { dingtalk?: Partial<DingtalkOptions> } = {},
): SyncTools {
  const dingtalkFor = (onAttempt?: (attempt: DingtalkAttempt) => void) =>
    createDingtalk({
      oapiUrl: url,
      apiUrl: url,
      dispatcher: agent,
      limiter: { take: async (_, signal) => signal?.throwIfAborted(), penalize: () => {} },
      timeoutMs: 2_000,
      random: () => 0,
      sleep: async (_, signal) => signal?.throwIfAborted(),
      ...(onAttempt && { onAttempt }),
      ...options,
    });
  const pair = { appKey: APP.appKey, appSecret: new Redacted(APP.appSecret) };
  const ask = async () => (await requestAccessToken(dingtalkFor(), pair)).token;
  return {
    callsOf: async (_, onAttempt) => {
      let token = ask();
      const source = { current: () => token, replace: () => (token = ask()) };
      return directoryCalls(dingtalkFor(onAttempt), { appKey: APP.appKey, token: source });
    },
    awaitTurn: async () => true,
    departmentsMax: 200_000,
    sleep: async () => {},
    ...rest,
  };
}

/** Asks for a sync, as a person does. @returns what its job holds */
export async function queueSync({ actor }: Pick<TestOrganization, "actor">, app: AppRef): Promise<RunRef> {
  const started = await startSync(actor, app.appId);
  if (!started.ok) throw new Error("a sync of a test was not started");
  return { ...app, runId: started.value.runId };
}

/** A whole sync. @returns the run's row */
export async function syncNow(organization: Pick<TestOrganization, "actor">, app: AppRef, tools: SyncTools) {
  const job = await queueSync(organization, app);
  await runSync(job, new AbortController().signal, tools);
  return readRun(job);
}

export const readRun = ({ organizationId, runId }: RunRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.syncRun.findUniqueOrThrow({ where: { organizationId_id: { organizationId, id: runId } } }),
  );

export const readApp = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.dingtalkApp.findUniqueOrThrow({ where: { organizationId_id: { organizationId, id: appId } } }),
  );

/** An app's departments by id, the removed ones too. */
export async function readDepartments({ organizationId, appId }: AppRef) {
  const rows = await inOrganization({ organizationId }, (tx) =>
    tx.department.findMany({ where: { organizationId, appId } }),
  );
  return new Map(rows.map((row) => [Number(row.departmentId), row]));
}

/** The tree as we hold it, in the form in which `truthOf` gives DingTalk's. */
export async function treeOf(app: AppRef) {
  const rows = [...(await readDepartments(app)).values()].filter(({ removedAt }) => removedAt === null);
  return new Map(
    rows.map(({ departmentId, parentId, name }) => [
      Number(departmentId),
      { parentId: parentId === null ? null : Number(parentId), name },
    ]),
  );
}

/** The tree as it truly is in the simulated DingTalk. */
export const truthOf = ({ control }: Simulator) =>
  new Map(control.listDepartments(CORP).map(({ id, parentId, name }) => [id, { parentId, name }]));

let admin: pg.Pool | undefined;

/** What a superuser sees, behind all fences. */
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

/** The version of each of an app's department rows, which every write of a row changes. */
export async function rowVersions({ appId }: AppRef): Promise<string> {
  const [row] = await asAdmin<{ versions: string }>(
    `SELECT coalesce(string_agg(department_id || ':' || xmin || ':' || ctid, ',' ORDER BY department_id), '') AS versions
     FROM department WHERE app_id = $1`,
    [appId],
  );
  return row?.versions ?? "";
}
