import { Pool } from "undici";
import { createKey } from "@/lib/api-keys/create-key";
import { createKeyInput } from "@/lib/api-keys/schema";
import { grant } from "@/lib/auth/actor";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { freePort } from "@/server/ports";
import { control, startSimulatorProcess } from "../simulator-process";
import { startProgram } from "./measuring/program";
import { durationText, median } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";

const PAIR = { appKey: "dingbenchgateway0000", appSecret: "secret-of-bench-gateway" };
const PATH = "/topapi/v2/department/listsub";
const BODY = '{"dept_id":1}';
const GOES = 5;
const CALLS = 500;
const WARM_CALLS = 200;
/** Limit in milliseconds for each millisecond that an empty route takes. */
const ADDED_MAX = 5;

/** A kind of call, repeated on one connection. */
type Way = { readonly pool: Pool; readonly path: string; readonly headers?: Record<string, string> };

/** Returns the median duration of sequential calls, in milliseconds. */
async function p50Of({ pool, path, headers = {} }: Way, calls: number): Promise<number> {
  const isCall = path.includes(PATH);
  const sent = isCall
    ? ({ method: "POST", headers: { "content-type": "application/json", ...headers }, body: BODY } as const)
    : ({ method: "GET" } as const);
  const times: number[] = [];
  for (let call = 0; call < calls; call += 1) {
    const startedAt = performance.now();
    const { statusCode, body } = await pool.request({ path, ...sent });
    const text = await body.text();
    times.push(performance.now() - startedAt);
    if (statusCode !== 200 || (isCall && !text.startsWith('{"errcode":0')))
      throw new Error(`${path} was answered with ${statusCode} ${text.slice(0, 200)}`);
  }
  return median(times);
}

/** Returns an API key in the form that DingTalk's clients use, a lease token. */
async function makeLease(address: string): Promise<string> {
  const organization = await makeOrganization();
  await makeApp(PAIR, organization);
  const input = createKeyInput.parse({ name: "bench", scopes: "gateway:read", requestsPerMinute: 60_000 });
  const made = await createKey(grant(organization.owner, "key.manage"), input);
  if (!made.ok) throw new Error(made.error.code);
  const query = new URLSearchParams({ appkey: PAIR.appKey, appsecret: made.value.key.reveal() });
  const answer = await fetch(`${address}/dingtalk/gettoken?${query}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}

async function waysOf(server: string, simulator: string) {
  const query = new URLSearchParams({ appkey: PAIR.appKey, appsecret: PAIR.appSecret });
  const given = await fetch(`${simulator}/gettoken?${query}`);
  const { access_token: token } = (await given.json()) as { access_token: string };
  const lease = await makeLease(server);
  const [ours, theirs] = [new Pool(server, { connections: 1 }), new Pool(simulator, { connections: 1 })];
  return {
    empty: { pool: ours, path: "/healthz" },
    direct: { pool: theirs, path: `${PATH}?access_token=${token}` },
    gateway: { pool: ours, path: `/dingtalk${PATH}?access_token=${lease}` },
    close: () => Promise.all([ours.close(), theirs.close()]),
  };
}

async function measure(server: string, simulator: string) {
  const { close, ...ways } = await waysOf(server, simulator);
  for (const way of Object.values(ways)) await p50Of(way, WARM_CALLS);
  const seen = { empty: [] as number[], direct: [] as number[], gateway: [] as number[] };
  for (let go = 0; go < GOES; go += 1) {
    for (const name of ["empty", "direct", "gateway"] as const)
      seen[name].push(await p50Of(ways[name], CALLS));
  }
  await close();
  return { empty: median(seen.empty), direct: median(seen.direct), gateway: median(seen.gateway) };
}

async function run(): Promise<Measured> {
  const simulator = await startSimulatorProcess({ size: "small", seed: "1", ...PAIR });
  await control(simulator.url, "PATCH limits", { appApiPerSecond: null });
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const server = await startProgram("start", `${address}/healthz`, {
    PORT: String(port),
    NEXTAUTH_URL: address,
    LOG_LEVEL: "warn",
    DINGTALK_OAPI_URL: simulator.url,
    DINGTALK_API_URL: simulator.url,
    DINGTALK_QPS: "5000",
    DINGTALK_IP_BUDGET: "1000000",
  });
  try {
    const { empty, direct, gateway } = await measure(address, simulator.url);
    const added = gateway - direct;
    const per = added / empty;
    return {
      failures: per > ADDED_MAX ? [`the gateway adds ${per.toFixed(2)} times what an empty route takes`] : [],
      section: {
        title: "Gateway",
        about:
          `${CALLS} sequential calls of \`${PATH.slice(1)}\` on one connection, directly to the simulated DingTalk and through the gateway ` +
          `with a lease token, beside the empty route of the same server; medians of ${GOES} alternating rounds.`,
        head: ["", "p50", "target"],
        rows: [
          ["an empty route", durationText(empty), ""],
          ["directly to the simulator", durationText(direct), ""],
          ["through the gateway", durationText(gateway), ""],
          ["added by the gateway", durationText(added), ""],
          ["… when an empty route takes 1 ms", durationText(per), `at most ${ADDED_MAX} ms`],
        ],
      },
    };
  } finally {
    await server.end("SIGTERM");
    await simulator.stop();
  }
}

/** Measures the time that the gateway adds to a call. */
export const gateway: Part = { name: "gateway", run };
