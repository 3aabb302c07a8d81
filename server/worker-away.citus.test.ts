import { afterAll, expect, onTestFinished, test } from "vitest";
import { answerDepartments } from "@/lib/api/answer-departments";
import { listDepartmentsContract } from "@/lib/api/departments";
import { grant } from "@/lib/auth/actor";
import { requireCaller } from "@/lib/auth/sessions";
import { signIn } from "@/lib/auth/sign-in";
import { closeNotifications } from "@/lib/db/notifications";
import { runSync } from "@/lib/directory/sync/run-sync";
import { defineRoute } from "@/lib/http/define-route";
import type { JobHandler } from "@/lib/jobs/queues";
import { startWorker } from "@/lib/jobs/worker";
import { killWorker, listWorkers, makeOn } from "@/lib/testing/citus-workers";
import {
  asAdmin,
  CORP,
  connectApp,
  interrupted,
  openDingtalk,
  queueSync,
  readRun,
  syncNow,
  toolsFor,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { makeOrganization, makeSession } from "@/lib/testing/factories";
import { makeService } from "@/lib/testing/service";

afterAll(closeNotifications);

const getDepartments = defineRoute(listDepartmentsContract, answerDepartments);

type Worker = Awaited<ReturnType<typeof listWorkers>>[number];

/** Creates an organization on a given worker node, with an API key and a synced app. */
async function openTenant(worker: Worker) {
  const organization = await makeOn(worker, makeOrganization);
  const { call } = await makeService({}, organization);
  const dingtalk = await openDingtalk();
  const app = await connectApp(organization);
  const actor = grant(organization.owner, "directory.sync");
  const sync = () => syncNow({ actor }, app, toolsFor(dingtalk));
  await sync();
  let added = 0;
  return {
    owner: organization.owner,
    app,
    actor,
    dingtalk,
    sync,
    addDepartment: () =>
      dingtalk.control.changeDirectory(CORP, [{ op: "add_department", parentId: 1, name: `new ${++added}` }]),
    listDepartments: () => call(getDepartments, { params: { appId: app.appId } }),
  };
}

const UNAVAILABLE = expect.objectContaining({ code: "unavailable" });
const ORIGIN = { address: "203.0.113.1", userAgent: "a browser" };

test("organizations on the other node continue while a worker node is away, and its own get 503 until it is back", async () => {
  const [here, there] = await listWorkers();
  const [near, away] = [await openTenant(here), await openTenant(there)];
  const { owner } = near;
  const { sessionId } = await makeSession(owner);
  // The next request writes a session that was last seen an hour ago.
  await asAdmin("UPDATE sessions SET last_seen_at = now() - interval '1 hour' WHERE id = $1", [sessionId]);

  const start = await killWorker(there);
  expect(await requireCaller(sessionId, owner.organizationId)).toMatchObject({ role: "owner" });
  expect(await signIn({ ...owner, ...ORIGIN, isKnownBrowser: false }, ORIGIN)).toEqual(expect.any(String));
  expect(await near.listDepartments()).toMatchObject({ status: 200 });
  near.addDepartment();
  expect(await near.sync()).toMatchObject({ state: "succeeded", added: 1 });

  const refused = await away.listDepartments();
  expect(refused).toMatchObject({ status: 503, body: { code: "unavailable" } });
  expect(refused.headers.get("retry-after")).toBe("5");
  await expect(away.sync()).rejects.toEqual(UNAVAILABLE);
  await expect(makeOrganization()).rejects.toEqual(UNAVAILABLE);

  await start();
  await expect.poll(async () => (await away.listDepartments()).status).toBe(200);
  away.addDepartment();
  expect(await away.sync()).toMatchObject({ state: "succeeded", added: 1 });
  expect(await treeOf(away.app)).toEqual(truthOf(away.dingtalk));
  expect(await makeOrganization()).toMatchObject({ organizationId: expect.any(String) });
}, 120_000);

test("resumes a sync whose worker node was killed, as soon as the node is back", async () => {
  const [here, there] = await listWorkers();
  const [near, away] = [await openTenant(here), await openTenant(there)];
  away.addDepartment();
  near.addDepartment();
  const killed = Promise.withResolvers<() => Promise<void>>();
  const { tools } = interrupted(toolsFor(away.dingtalk), 3, async () =>
    killed.resolve(await killWorker(there)),
  );
  const handle: JobHandler<"sync"> = (job, { signal }) =>
    runSync(job, signal, job.appId === away.app.appId ? tools : toolsFor(near.dingtalk));
  const job = await queueSync(away, away.app);
  const jobs = await startWorker({ sync: { handle, concurrency: 2 } });
  onTestFinished(() => jobs.stop());

  const start = await killed.promise;
  const tries = async () =>
    (
      await asAdmin<{ n: number }>(
        "SELECT retry_count::int AS n FROM pgboss.job WHERE name = 'sync' AND data ->> 'runId' = $1",
        [job.runId],
      )
    )[0]?.n;
  // The second attempt began while the node was away.
  await expect.poll(tries).toBeGreaterThanOrEqual(2);
  const other = await queueSync(near, near.app);
  await expect.poll(() => readRun(other)).toMatchObject({ state: "succeeded", added: 1 });

  await start();
  const runs = () =>
    asAdmin<{ line: string }>(
      "SELECT state || ' ' || trigger AS line FROM sync_run WHERE organization_id = $1 ORDER BY number",
      [away.app.organizationId],
    );
  await expect
    .poll(async () => (await runs().catch(() => [])).map(({ line }) => line), { timeout: 60_000 })
    .toEqual(["succeeded manual", "interrupted manual", "succeeded takeover"]);
  expect(await treeOf(away.app)).toEqual(truthOf(away.dingtalk));
}, 120_000);
