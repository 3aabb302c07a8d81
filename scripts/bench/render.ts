import { setTimeout as delay } from "node:timers/promises";
import { companyOf } from "@/e2e/support/plant-directory";
import { sessionCookie } from "@/lib/auth/cookies";
import { encodeSessionToken } from "@/lib/auth/session-token";
import { plantDepartments } from "@/lib/directory/tree/test-support/plant";
import { makeOrganization, makeSession } from "@/lib/testing/factories";
import { buildApp } from "@/server/build-app";
import { freePort } from "@/server/ports";
import { plantApps, plantKey } from "./measuring/fixtures";
import { loadHttp } from "./measuring/http-load";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { loadPage, type PageLoad } from "./measuring/page-load";
import { type Program, startProgram } from "./measuring/program";
import { durationText, megabytesText, ratioText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";

const USERS = 8;
const SECONDS = 20;
const WARM_UP_SECONDS = 8;
const P95_MS_MAX = 150;
const APPS = 1_000;
/** Default of MAX_APPS. */
const APPS_OF_PAGES = 10;
const DEPARTMENTS = 3_000;
const READS = 100_000;
const MEMORY_MAX_BYTES = 450_000_000;
/** Time without requests, long enough to free everything that is cached for seconds. */
const REST_MS = 30_000;

/** A page without data of an organization. */
const EMPTY = "/organizations/new";

async function plant({ admin }: MeasuredDatabase) {
  const { organizationId, publicId, owner } = await makeOrganization();
  const [app] = await plantApps(organizationId, APPS_OF_PAGES);
  if (!app) throw new Error("there is no app");
  const client = await admin.connect();
  await plantDepartments(client, app, companyOf(DEPARTMENTS));
  await client.query("ANALYZE");
  client.release();
  const cookies: string[] = [];
  for (let user = 0; user < USERS; user += 1) {
    const { sessionId } = await makeSession(owner);
    cookies.push(`${sessionCookie().name}=${await encodeSessionToken(sessionId)}`);
  }
  const paths = {
    "the empty page": EMPTY,
    "the overview": `/o/${publicId}`,
    "the directory": `/o/${publicId}/apps/${app.appId}/directory`,
  };
  const read = await makeOrganization();
  const apps = await plantApps(read.organizationId, APPS);
  return { paths, cookies, apps, key: await plantKey(read.organizationId) };
}

type Page = { readonly name: string; readonly load: PageLoad };

async function loadPages(
  address: string,
  {
    paths,
    cookies,
  }: { readonly paths: Readonly<Record<string, string>>; readonly cookies: readonly string[] },
): Promise<Page[]> {
  const pages: Page[] = [];
  for (const [name, path] of Object.entries(paths)) {
    await loadPage(address + path, cookies, WARM_UP_SECONDS);
    pages.push({ name, load: await loadPage(address + path, cookies, SECONDS) });
  }
  return pages;
}

type Memory = {
  readonly start: number;
  readonly pages: number;
  readonly reads: number;
  readonly rest: number;
};

async function measure(database: MeasuredDatabase): Promise<{ pages: Page[]; memory: Memory }> {
  if ((await buildApp("ignore")) !== 0) throw new Error("the application could not be built");
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  process.env.NEXTAUTH_URL = address;
  const planted = await plant(database);
  const env = { PORT: String(port), NEXTAUTH_URL: address, LOG_LEVEL: "warn" };
  const server: Program = await startProgram("start", `${address}/healthz`, env);
  try {
    const start = server.memoryBytes();
    const pages = await loadPages(address, planted);
    const afterPages = server.memoryBytes();
    const paths = planted.apps.map(({ appId }) => `/api/v1/apps/${appId}/token`);
    const headers = { authorization: `Bearer ${planted.key}` };
    const { failed } = await loadHttp(address, { headers, paths, requests: READS });
    if (failed > 0) throw new Error(`${failed} of the reads failed`);
    const reads = server.memoryBytes();
    await delay(REST_MS);
    return { pages, memory: { start, pages: afterPages, reads, rest: server.memoryBytes() } };
  } finally {
    await server.end("SIGTERM");
  }
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  const { pages, memory } = await measure(database);
  const [empty] = pages;
  const limited = pages.slice(1);
  return {
    failures: [
      ...pages.filter(({ load }) => load.failed > 0).map(({ name }) => `${name} was not always answered`),
      ...limited
        .filter(({ load }) => load.p95Ms > P95_MS_MAX)
        .map(({ name, load }) => `${name} takes ${durationText(load.p95Ms)} (p95)`),
      ...(memory.rest > MEMORY_MAX_BYTES ? [`${megabytesText(memory.rest)} are held after the load`] : []),
    ],
    section: {
      title: "Render",
      about:
        `Pages of an organization with ${APPS_OF_PAGES} apps, one of them with ${DEPARTMENTS.toLocaleString("en")} departments, requested by ` +
        `${USERS} sessions at once for ${SECONDS} s each, then ${READS.toLocaleString("en")} reads of the tokens of ${APPS.toLocaleString("en")} apps; served by one ` +
        `process with its worker. Targets: p95 at most ${P95_MS_MAX} ms, and ${megabytesText(MEMORY_MAX_BYTES)} after the load.`,
      head: ["", "pages per second", "p50", "p95", "of the empty page"],
      rows: pages.map(({ name, load }) => [
        name,
        load.perSecond.toFixed(1),
        durationText(load.p50Ms),
        durationText(load.p95Ms),
        ratioText(load.p95Ms, empty?.load.p95Ms ?? load.p95Ms),
      ]),
      notes: [
        `Memory of the server: ${megabytesText(memory.start)} at its start, ${megabytesText(memory.pages)} after the pages, ` +
          `${megabytesText(memory.reads)} after the reads, ${megabytesText(memory.rest)} after ${REST_MS / 1_000} s of rest.`,
      ],
    },
  };
}

/** Measures the cost of pages for several simultaneous users, and the server's memory afterwards. */
export const render: Part = { name: "render", run };
