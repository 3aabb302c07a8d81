import { setTimeout as delay } from "node:timers/promises";
import type { DingtalkCaller } from "@/lib/dingtalk/call";
import { makeApp } from "@/lib/testing/factories";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { makeTokenService } from "@/lib/tokens/renewal/token-service";
import { makeTestDingtalk } from "@/lib/tokens/test-support/test-dingtalk";
import { freePort } from "@/server/ports";
import { type Program, startProgram } from "../bench/measuring/program";
import { megabytesText } from "../bench/measuring/report";
import type { Measured } from "../bench/measuring/run-parts";
import { mostWithin } from "../bench/measuring/timing";
import { control, startSimulatorProcess } from "../simulator-process";

/** Longer than the ten minutes of the limit, so that delayed renewals come due too. */
const MINUTES = 12;
const MINUTE_MS = 60_000;
const RENEWALS_MAX = 6;
/** Ten minutes by our clock. Calls arrive slightly later than they are counted, with varying delay. */
const WINDOW_MS = 10 * MINUTE_MS - 1_000;
const ROUND_MS = 2_000;
const REVOKE_EVERY_ROUNDS = 10;
const CORP = "corp-of-soak-tokens";
const APPS_OF_A_KIND = 4;
const PATH = "v1.0/oauth2/accessToken";

/** Possible behavior of DingTalk, as settings of the simulator for one app. */
const KINDS: Readonly<Record<string, object>> = {
  "the same token, extended": { tokenLifetimeSeconds: 60, repeatedFetch: "extended" },
  "the same token, unchanged": { tokenLifetimeSeconds: 60, repeatedFetch: "remaining" },
  "a new token, older ones stay valid": {
    tokenLifetimeSeconds: 60,
    repeatedFetch: "new",
    olderTokens: "live",
  },
  "a new token, older ones become invalid": {
    tokenLifetimeSeconds: 60,
    repeatedFetch: "new",
    olderTokens: "dead",
  },
  "tokens of two seconds": { tokenLifetimeSeconds: 2, repeatedFetch: "new" },
  "no lifetime in the answer": { tokenLifetimeSeconds: 60, repeatedFetch: "new", lifetimeField: "missing" },
  "a failure each time": { tokenLifetimeSeconds: 60 },
};
const FAILING = "a failure each time";

type Watched = { readonly kind: string; readonly appKey: string; readonly caller: DingtalkCaller };

async function connectApps(url: string): Promise<Watched[]> {
  const service = makeTokenService(makeTestDingtalk(url));
  const watched: Watched[] = [];
  await control(url, "POST organizations", { corpId: CORP, size: 10 });
  for (const [index, [kind, settings]] of Object.entries(KINDS).entries()) {
    for (let one = 0; one < APPS_OF_A_KIND; one += 1) {
      const pair = { appKey: `dingsoak${index}x${one}`, appSecret: "secret-of-soak-tokens" };
      await control(url, "POST apps", { ...pair, corpId: CORP, settings });
      if (kind === FAILING)
        await control(url, "POST faults", {
          path: PATH,
          appKey: pair.appKey,
          fault: { kind: "status", status: 500 },
        });
      const app = await makeApp(pair);
      watched.push({ kind, appKey: pair.appKey, caller: await callerOf(app, app.appId, service) });
    }
  }
  return watched;
}

/** Reports the app's token as dead after each call, which demands the most renewals. */
async function demandRenewals({ caller }: Watched): Promise<void> {
  const token = await caller.token.current().catch(() => null);
  if (token) await caller.token.replace(token).catch(() => null);
}

/**
 * Demands renewals of all apps for the whole time.
 *
 * @returns the server's memory in bytes, once per minute
 */
async function demandAllRenewals(
  watched: readonly Watched[],
  url: string,
  server: Program,
  address: string,
): Promise<number[]> {
  const endsAt = Date.now() + MINUTES * MINUTE_MS;
  const held: number[] = [];
  for (let round = 0; Date.now() < endsAt; round += 1) {
    if (round % REVOKE_EVERY_ROUNDS === 0) await control(url, "DELETE tokens");
    await Promise.all([
      ...watched.map(demandRenewals),
      fetch(`${address}/sign-in`).then((answer) => answer.text()),
    ]);
    if (round % (MINUTE_MS / ROUND_MS) === 0) held.push(server.memoryBytes());
    await delay(ROUND_MS);
  }
  return held;
}

async function startServer(url: string): Promise<{ server: Program; address: string }> {
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const hosts = { DINGTALK_OAPI_URL: url, DINGTALK_API_URL: url };
  const env = { ...hosts, PORT: String(port), NEXTAUTH_URL: address, LOG_LEVEL: "info" };
  return { server: await startProgram("start", '"ready"', env), address };
}

/** Demands renewals without end for apps with very short token lifetimes. */
export async function soakRenewals(): Promise<Measured> {
  const simulator = await startSimulatorProcess({
    size: "small",
    seed: "1",
    appKey: "dingsoakunused",
    appSecret: "unused",
  });
  const { url } = simulator;
  const { server, address } = await startServer(url);
  try {
    const watched = await connectApps(url);
    const memory = await demandAllRenewals(watched, url, server, address);
    const counted = await Promise.all(
      watched.map(async ({ kind, appKey }) => {
        const { calls } = await control<{ calls: { at: number }[] }>(
          url,
          `GET calls?path=${PATH}&appKey=${appKey}`,
        );
        return {
          kind,
          all: calls.length,
          most: mostWithin(
            calls.map(({ at }) => at),
            WINDOW_MS,
          ),
        };
      }),
    );
    const rows = Object.keys(KINDS).map((kind) => {
      const those = counted.filter((one) => one.kind === kind);
      const most = (of: (one: (typeof those)[number]) => number) => String(Math.max(...those.map(of)));
      return [kind, String(those.length), most(({ all }) => all), most((one) => one.most)];
    });
    return {
      failures: counted
        .filter(({ most }) => most > RENEWALS_MAX)
        .map(({ kind, most }) => `${kind}: ${most} renewals in ten minutes`),
      section: {
        title: "Renewals",
        about:
          `For ${MINUTES} minutes, every call finds its token dead, every ${ROUND_MS / 1_000} s per app, beside the server's own schedule; ` +
          `DingTalk invalidates all tokens every ${(ROUND_MS * REVOKE_EVERY_ROUNDS) / 1_000} s. No app may make more than ${RENEWALS_MAX} renewals in ten minutes.`,
        head: ["DingTalk's answer", "apps", "most renewals of one app", "within ten minutes"],
        rows,
        notes: [
          `Memory of the server, which also rendered a page every ${ROUND_MS / 1_000} s, per minute: ${memory.map(megabytesText).join(", ")}.`,
        ],
      },
    };
  } finally {
    await server.end("SIGTERM");
    await simulator.stop();
  }
}
