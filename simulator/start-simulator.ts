import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, frozenClock, runningClock } from "./clock";
import { type AppInput, type Control, makeControl, type OrganizationInput } from "./control";
import { DEFAULT_SUITE_TICKET } from "./control-input";
import type { Limits } from "./limits";
import type { RobotInput } from "./robot/robot-control";
import { makeScenarios, type Scenarios } from "./scenarios";
import { serve } from "./serve";
import type { Settings } from "./settings";
import { acceptConnections } from "./stream/accept-connections";
import { makeWorld, type World } from "./world";

export type SimulatorOptions = {
  /** 0, the default, selects a free port. */
  readonly port?: number;
  readonly host?: string;
  /** By default, one small organization with the id `DEFAULT_CORP_ID`. */
  readonly organizations?: readonly OrganizationInput[];
  /** By default, an internal app and a third-party app of the first organization, both with all rights. */
  readonly apps?: readonly AppInput[];
  /** By default, none. */
  readonly robots?: readonly RobotInput[];
  /** "running" follows the machine's clock; "frozen" stands still until the control advances it. */
  readonly clock?: "running" | "frozen" | Clock;
  readonly settings?: Partial<Settings>;
  readonly limits?: Partial<Limits>;
};

export type Simulator = {
  /** Address of both hosts, without a final slash. */
  readonly url: string;
  readonly port: number;
  readonly control: Control;
  readonly scenarios: Scenarios;
  /** Stops at once and aborts running calls. */
  close(): Promise<void>;
};

export const DEFAULT_CORP_ID = "dingsimulated0000000000000000000000";
export const DEFAULT_APP_KEY = "dingsimulatedappkey0";
export const DEFAULT_APP_SECRET = "simulated-app-secret-for-tests-only";
export const DEFAULT_SUITE_KEY = "suitesimulatedkey00";
export const DEFAULT_SUITE_SECRET = "simulated-suite-secret-for-tests-only";
export { DEFAULT_SUITE_TICKET };

/**
 * Starts a simulated DingTalk: oapi.dingtalk.com and api.dingtalk.com over HTTP on one port.
 *
 * @throws {Error} when the port is in use
 */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const {
    port = 0,
    host = "127.0.0.1",
    clock = "running",
    settings = {},
    limits = {},
    robots = [],
  } = options;
  const organizations = options.organizations ?? [{ corpId: DEFAULT_CORP_ID }];
  const world = makeWorld(typeof clock === "string" ? clockOf(clock) : clock);
  const apps = options.apps ?? defaultApps(organizations);
  const control = makeControl(world, { organizations, apps, robots, settings, limits });

  const scenarios = makeScenarios(control);
  const server = createServer((incoming, response) => {
    serve({ world, control, scenarios }, incoming, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { "content-type": "text/plain" });
      response.end(`the simulator failed: ${String(error)}`);
    });
  });
  acceptConnections(world, server);
  await listen(server, port, host);
  const { port: taken } = server.address() as AddressInfo;
  const urlHost = host.includes(":") ? `[${host}]` : host;
  return {
    url: `http://${urlHost}:${taken}`,
    port: taken,
    control,
    scenarios,
    close: () => close(server, world),
  };
}

const clockOf = (kind: "running" | "frozen"): Clock => (kind === "running" ? runningClock() : frozenClock());

function defaultApps([first]: readonly OrganizationInput[]): AppInput[] {
  if (!first) return [];
  const { corpId } = first;
  return [
    { appKey: DEFAULT_APP_KEY, appSecret: DEFAULT_APP_SECRET, corpId },
    { appKey: DEFAULT_SUITE_KEY, appSecret: DEFAULT_SUITE_SECRET, corpId, kind: "isv" },
  ];
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve());
  });
}

function close(server: Server, world: World): Promise<void> {
  world.events.clear();
  world.stream.clear();
  world.events.closing.abort();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
