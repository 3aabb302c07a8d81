import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { Agent, request } from "undici";
import type { AppRef } from "@/lib/app-ref";
import { sessionCookie } from "@/lib/auth/cookies";
import { encodeSessionToken } from "@/lib/auth/session-token";
import { createSession } from "@/lib/auth/sessions";
import { asUser, inOrganizationSql } from "@/lib/db/unit-of-work";
import { indexDirectory } from "@/lib/directory/search/index-directory";
import { plantDepartments } from "@/lib/directory/tree/test-support/plant";
import { Redacted } from "@/lib/redacted";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { sealToken } from "@/lib/tokens/store/stored-token";
import { buildApp } from "@/server/build-app";
import { freePort } from "@/server/ports";
import { plantKey } from "./measuring/fixtures";
import { type HttpLoad, loadHttp } from "./measuring/http-load";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { startProgram } from "./measuring/program";
import { durationText, ratioText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";

const DEPARTMENTS = 20_000;
const CHILDREN = 10;
const IDLE_MS = 5_000;
/** Probes start at this interval even if earlier ones are unanswered, so that each of them notices a standstill. */
const PROBE_EVERY_MS = 20;
const P99_RATIO_MAX = 10;
const LOAD_SECONDS = 10;
const PROGRESS_REQUESTS = 1_000;
const DOWNLOADS = 100;
const FILE = "/dingtalk/v1.0/drive/files/file";

type Probes = Readonly<Record<"healthz" | "token", () => Promise<void>>>;
/** Counts of a load. Answers other than 2xx and missing answers are failures. */
type Answers = Pick<HttpLoad, "answered" | "failed">;
type P99 = Readonly<Record<keyof Probes, number>>;

function p99Of(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? Number.NaN;
}

/**
 * Probes until `load` has finished.
 *
 * @returns the 99th percentile of each probe, in milliseconds
 */
async function probeDuring(probes: Probes, load: Promise<unknown>): Promise<P99> {
  const times = { healthz: [] as number[], token: [] as number[] };
  const asked: Promise<void>[] = [];
  const timer = setInterval(() => {
    for (const name of ["healthz", "token"] as const) {
      const startedAt = performance.now();
      asked.push(probes[name]().then(() => void times[name].push(performance.now() - startedAt)));
    }
  }, PROBE_EVERY_MS);
  await load;
  clearInterval(timer);
  await Promise.all(asked);
  return { healthz: p99Of(times.healthz), token: p99Of(times.token) };
}

/**
 * Creates an organization with a user, a directory, a finished run, and an app whose token outlives the measurement.
 */
async function plant({ admin }: MeasuredDatabase) {
  const organization = await makeOrganization();
  const { organizationId, publicId, owner } = organization;
  const app = await makeApp({ appKey: randomUUID(), appSecret: "bench" }, organization);
  const client = await admin.connect();
  const departments = Array.from({ length: DEPARTMENTS }, (_, index) => ({
    id: index + 1,
    parent: index === 0 ? null : Math.ceil(index / CHILDREN),
    name: `华东销售${index % 97}部`,
  }));
  await plantDepartments(client, app, departments);
  const run = randomUUID();
  await client.query(
    `INSERT INTO sync_run (organization_id, app_id, id, number, state, trigger, started_at, finished_at)
     VALUES ($1, $2, $3, 1, 'succeeded', 'manual', now(), now())`,
    [organizationId, app.appId, run],
  );
  client.release();
  await indexDirectory(app);
  await plantToken(app);
  const session = await asUser({ userId: owner.userId }, (tx) =>
    createSession(tx, owner.userId, { address: "", userAgent: "bench" }),
  );
  const cookie = `${sessionCookie().name}=${await encodeSessionToken(session)}`;
  const key = { authorization: `Bearer ${await plantKey(organizationId)}` };
  return { path: `/o/${publicId}/apps/${app.appId}`, run, app, cookie: { cookie }, key };
}

const plantToken = (app: AppRef) =>
  inOrganizationSql(app, (client) =>
    client.query(
      `INSERT INTO app_token (organization_id, app_id, version, sealed_token, changed_at, obtained_at, expires_at, renew_at)
       VALUES ($1, $2, 1, $3, now(), now(), now() + interval '2 hours', now() + interval '110 minutes')`,
      [app.organizationId, app.appId, sealToken(app, new Redacted("token of the bench"))],
    ),
  );

type Planted = Awaited<ReturnType<typeof plant>>;

/** Starts loads that one tenant can cause, by name. */
function loadsOf(address: string, { path, run, app, cookie, key }: Planted) {
  const query = encodeURIComponent("销售");
  return {
    "30 parallel searches": () =>
      loadHttp(`${address}${path}/directory/search?q=${query}`, {
        headers: cookie,
        isApart: true,
        connections: 30,
        seconds: LOAD_SECONDS,
      }),
    "1,000 progress requests at any time": () =>
      loadHttp(`${address}${path}/syncs/${run}/progress`, {
        headers: cookie,
        isApart: true,
        connections: PROGRESS_REQUESTS,
        seconds: LOAD_SECONDS,
      }),
    "100 parallel downloads of 20 MB": () =>
      download(`${address}${FILE}`, {
        ...key,
        "dingkeep-app": app.appId,
        prefer: "wait=60",
      }),
  } satisfies Record<string, () => Promise<Answers>>;
}

/** Downloads a file repeatedly in a separate process. */
async function download(url: string, headers: Readonly<Record<string, string>>): Promise<Answers> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["scripts/run.mjs", "bench/download-process"],
    {
      env: {
        ...process.env,
        URL: url,
        HEADERS: JSON.stringify(headers),
        CONNECTIONS: String(DOWNLOADS),
        SECONDS: String(LOAD_SECONDS),
      },
    },
  );
  return JSON.parse(stdout) as Answers;
}

async function measure(database: MeasuredDatabase) {
  const [mine, theirs] = [await plant(database), await plant(database)];
  if ((await buildApp("ignore")) !== 0) throw new Error("the application could not be built");
  const [port, upstreamPort] = [await freePort(), await freePort()];
  const [address, upstreamUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${upstreamPort}`];
  const upstream = await startProgram("bench/large-file-process", upstreamUrl, {
    PORT: String(upstreamPort),
  });
  const server = await startProgram("start", `${address}/healthz`, {
    PORT: String(port),
    NEXTAUTH_URL: address,
    LOG_LEVEL: "error",
    WORKER: "off",
    DINGTALK_OAPI_URL: upstreamUrl,
    DINGTALK_API_URL: upstreamUrl,
    DINGTALK_QPS: "5000",
    DINGTALK_IP_BUDGET: "1000000",
  });
  // Probes use another client address, because limits apply to the load's address. Idle connections close long before
  // the server closes them, which would make a probe fail.
  const agent = new Agent({
    connections: 1_000,
    connect: { localAddress: "127.0.0.2" },
    keepAliveMaxTimeout: 1_000,
  });
  const probe =
    (target: string, headers: Readonly<Record<string, string>> = {}) =>
    async () => {
      const { statusCode, body } = await request(target, { dispatcher: agent, headers });
      await body.dump();
      if (statusCode !== 200) throw new Error(`${target} was answered with ${statusCode}`);
    };
  try {
    const probes = {
      healthz: probe(`${address}/healthz`),
      token: probe(`${address}/api/v1/apps/${mine.app.appId}/token`, mine.key),
    };
    await probeDuring(probes, delay(IDLE_MS));
    const idle = await probeDuring(probes, delay(IDLE_MS));
    await probe(`${address}${theirs.path}/syncs/${theirs.run}/progress`, theirs.cookie)();
    await probe(`${address}/api/v1/apps/${theirs.app.appId}/token`, theirs.key)();
    await probe(`${address}${FILE}`, { ...theirs.key, "dingkeep-app": theirs.app.appId })();
    const under = new Map<string, { readonly p99: P99; readonly load: Answers }>();
    for (const [name, start] of Object.entries(loadsOf(address, theirs))) {
      const load = start();
      under.set(name, { p99: await probeDuring(probes, load), load: await load });
    }
    return { idle, under };
  } finally {
    await agent.destroy();
    await server.end("SIGTERM");
    await upstream.end();
  }
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  const { idle, under } = await measure(database);
  const rows = [...under].map(([name, { p99, load }]) => [
    name,
    durationText(p99.healthz),
    ratioText(p99.healthz, idle.healthz),
    durationText(p99.token),
    ratioText(p99.token, idle.token),
    `${load.answered - load.failed} of ${load.answered}`,
  ]);
  return {
    failures: [...under].flatMap(([name, { p99 }]) =>
      (["healthz", "token"] as const)
        .filter((probe) => p99[probe] > P99_RATIO_MAX * idle[probe])
        .map((probe) => `${name}: p99 of ${probe} is ${ratioText(p99[probe], idle[probe])} its idle one`),
    ),
    section: {
      title: "Load",
      about:
        `Latency of probes and of another tenant's token reads while one tenant loads the server for ${LOAD_SECONDS} s with clients that never pause. Each is requested every ${PROBE_EVERY_MS} ms, ` +
        `whether or not the last one was answered. Target: p99 at most ${P99_RATIO_MAX} × that of the idle server.`,
      head: ["", "`/healthz` p99", "ratio", "token p99", "ratio", "load answered with 2xx"],
      rows: [["idle", durationText(idle.healthz), "", durationText(idle.token), "", ""], ...rows],
    },
  };
}

/** Measures whether one tenant's load delays other tenants. */
export const load: Part = { name: "load", run };
