import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { build } from "esbuild";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { inOrganization } from "@/lib/db/unit-of-work";
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
import type { Simulator } from "@/simulator/start-simulator";
import type { AppRef, RunRef } from "../refs";

const LISTSUB = "topapi/v2/department/listsub";
const PROGRAM = join(process.cwd(), ".build", "sync-child.mjs");
const SOON = { timeout: 20_000, interval: 20 };

beforeAll(async () => {
  await build({
    entryPoints: ["lib/testing/sync-child.ts"],
    outfile: PROGRAM,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node24",
    packages: "external",
    logLevel: "warning",
    alias: { "server-only": "./lib/testing/empty.ts" },
  });
});

/** A process that syncs; it has ended by the end of the test. */
function start(what: { job?: RunRef; url?: string }, env: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(what)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, "exit");
  expect(child.kill("SIGKILL")).toBe(true);
  await gone;
}

const pending = ({ control }: Simulator) => control.readCalls({ path: LISTSUB }).byOutcome["(pending)"] ?? 0;

async function openChanged() {
  const dingtalk = await openDingtalk(100);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  await syncNow(organization, app, toolsFor(dingtalk));
  const before = await rowVersions(app);
  dingtalk.control.changeDirectory(CORP, [
    { op: "rename_department", id: 1, name: "新名" },
    { op: "add_department", parentId: 1, id: 2, name: "一" },
    { op: "add_department", parentId: 2, id: 3, name: "二" },
    { op: "add_department", parentId: 3, id: 4, name: "三" },
  ]);
  return { dingtalk, organization, app, before };
}

const runsOf = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.syncRun.findMany({ where: { organizationId, appId }, orderBy: { number: "asc" } }),
  );

describe("kill -9 of the process that syncs", () => {
  test("three times, while it reads and while it writes, leaves the old tree; the fourth completes", async () => {
    const { dingtalk, organization, app, before } = await openChanged();
    const job = await queueSync(organization, app);
    const { url, control } = dingtalk;

    for (const afterCalls of [20, 60]) {
      control.addFault({ path: LISTSUB, afterCalls, fault: { kind: "hang" } });
      const reader = start({ job, url });
      await vi.waitFor(() => expect(pending(dingtalk)).toBeGreaterThan(0), SOON);
      await kill(reader);
      control.clearFaults();
      await vi.waitFor(() => expect(pending(dingtalk)).toBe(0), SOON);
      expect(await rowVersions(app)).toBe(before);
    }

    const block = await blockDepartment(app, 4);
    const writer = start({ job, url });
    await vi.waitFor(async () => expect(await countBlockedWriters()).toBe(1), SOON);
    await kill(writer);
    await block.release();
    await vi.waitFor(async () => expect(await countBlockedWriters()).toBe(0), SOON);
    expect(await rowVersions(app)).toBe(before);

    const [code] = await once(start({ job, url }), "exit");
    expect(code).toBe(0);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
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

  test("is taken over by another worker within 30 s, through the queue", async () => {
    const { dingtalk, organization, app, before } = await openChanged();
    const { url, control } = dingtalk;
    const env = { DINGTALK_OAPI_URL: url, DINGTALK_API_URL: url, DINGTALK_QPS: "1000" };
    control.addFault({ path: LISTSUB, afterCalls: 20, fault: { kind: "hang" } });
    await queueSync(organization, app);
    const first = start({}, env);
    await vi.waitFor(() => expect(pending(dingtalk)).toBeGreaterThan(0), SOON);
    start({}, env);
    await kill(first);
    const killedAtMs = Date.now();
    control.clearFaults();

    await vi.waitFor(
      async () => expect((await runsOf(app)).at(-1)).toMatchObject({ state: "succeeded", number: 3 }),
      { timeout: 60_000, interval: 200 },
    );
    const [, lost, next] = await runsOf(app);
    expect(lost).toMatchObject({ state: "interrupted", error: { kind: "worker_lost" } });
    expect(next).toMatchObject({ trigger: "takeover", resumesRunId: lost?.id });
    expect((next?.startedAt?.getTime() ?? 0) - killedAtMs).toBeLessThan(30_000);
    expect(await rowVersions(app)).not.toBe(before);
    expect(await treeOf(app)).toEqual(truthOf(dingtalk));
  }, 120_000);
});
