import { type CallLog, makeCallLog } from "./calls";
import type { Clock } from "./clock";
import type { App } from "./control-input";
import { type EventState, makeEventState } from "./events/event-state";
import type { FaultRule } from "./faults";
import { makeThrottle, type Throttle } from "./gateway/throttle";
import { makeTicketStore, type TicketStore } from "./gateway/ticket-store";
import { makeTokenStore, type TokenStore } from "./gateway/token-store";
import { LIMITS_DEFAULT, type Limits } from "./limits";
import { ControlError } from "./organization/directory";
import type { Directory } from "./organization/model";
import { makeRobotState, type RobotState } from "./robot/robots";
import { SETTINGS_DEFAULT, type Settings } from "./settings";
import { makeStreamState, type StreamState } from "./stream/stream-state";

/** An organization (corp) of the simulated DingTalk. */
export type Organization = {
  readonly corpId: string;
  readonly name: string;
  readonly seed: number;
  readonly size: number;
  status: "active" | "disabled" | "dissolved";
  directory: Directory;
};

/** A fault rule with its counters. */
export type ActiveFault = { readonly id: number; readonly rule: FaultRule; matched: number; acted: number };

/** State of one simulator. Two simulators in one process share nothing. */
export type World = {
  readonly clock: Clock;
  readonly organizations: Map<string, Organization>;
  readonly apps: Map<string, App>;
  readonly tokens: TokenStore;
  readonly tickets: TicketStore;
  readonly calls: CallLog;
  readonly events: EventState;
  readonly stream: StreamState;
  readonly robots: RobotState;
  throttle: Throttle;
  faults: ActiveFault[];
  nextFaultId: number;
  limits: Limits;
  settings: Settings;
};

export function makeWorld(clock: Clock): World {
  return {
    clock,
    organizations: new Map(),
    apps: new Map(),
    tokens: makeTokenStore(),
    tickets: makeTicketStore(),
    calls: makeCallLog(),
    events: makeEventState(clock),
    stream: makeStreamState(clock),
    robots: makeRobotState(),
    throttle: makeThrottle(),
    faults: [],
    nextFaultId: 1,
    limits: LIMITS_DEFAULT,
    settings: SETTINGS_DEFAULT,
  };
}

/** Returns whether an app belongs to the organization, or was once authorized by it. */
export const isOfOrganization = (app: App, corpId: string): boolean =>
  app.corpId === corpId || (app.kind === "isv" && app.customers.includes(corpId));

/** @throws {ControlError} when the organization is missing */
export function requireOrganization(world: World, corpId: string): Organization {
  const organization = world.organizations.get(corpId);
  if (!organization) throw new ControlError(`no organization ${corpId}`);
  return organization;
}

/** @throws {ControlError} when the app is missing */
export function requireApp(world: World, appKey: string): App {
  const app = world.apps.get(appKey);
  if (!app) throw new ControlError(`no app ${appKey}`);
  return app;
}
