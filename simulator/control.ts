import type { z } from "zod";
import type { CallFilter, CallReport } from "./calls";
import {
  type App,
  appInput,
  appPatch,
  churnInput,
  type DirectoryChange,
  directoryChange,
  organizationInput,
  organizationPatch,
} from "./control-input";
import { changeWithEvents } from "./events/directory-events";
import type { EventDraft } from "./events/event";
import { eventControl } from "./events/event-control";
import { publishEvents } from "./events/publish-events";
import { pushAppChange } from "./events/suite-events";
import { faultRule } from "./faults";
import { makeThrottle } from "./gateway/throttle";
import { LIMITS_DEFAULT, type Limits, limitsPatch } from "./limits";
import { churnDirectory } from "./organization/churn-directory";
import {
  ControlError,
  countPeople,
  findPerson,
  listMembers,
  makeDirectory,
  requireDepartment,
} from "./organization/directory";
import { SIZES } from "./organization/generate-tree";
import type { Person } from "./organization/model";
import { type RobotInput, robotControl } from "./robot/robot-control";
import { merge, SETTINGS_DEFAULT, type Settings, settingsPatch } from "./settings";
import { streamControl } from "./stream/stream-control";
import { type ActiveFault, type Organization, requireApp, requireOrganization, type World } from "./world";

export type OrganizationInput = z.input<typeof organizationInput>;
export type AppInput = z.input<typeof appInput>;
export type AppPatch = z.input<typeof appPatch>;
export type DirectoryChangeInput = z.input<typeof directoryChange>;
export type FaultRuleInput = z.input<typeof faultRule>;

export type OrganizationSummary = {
  readonly corpId: string;
  readonly name: string;
  readonly status: Organization["status"];
  readonly seed: number;
  /** Includes the root. */
  readonly departments: number;
  readonly people: number;
};

/** A department, regardless of the apps' scopes. */
export type DepartmentTruth = {
  readonly id: number;
  readonly parentId: number | null;
  readonly name: string;
  readonly order: bigint;
};

/**
 * Control of the simulated DingTalk for tests and demos. `control-routes.ts` offers the same over HTTP.
 *
 * Inputs are parsed: invalid ones throw a ZodError, and names of missing things throw a ControlError.
 */
export type Control = ReturnType<typeof makeControl>;

/** Initial state of a simulator, which `reset` restores. */
export type Start = {
  readonly organizations: readonly OrganizationInput[];
  readonly apps: readonly AppInput[];
  readonly robots: readonly RobotInput[];
  readonly settings: z.input<typeof settingsPatch>;
  readonly limits: z.input<typeof limitsPatch>;
};

export function makeControl(world: World, start: Start) {
  const control = {
    ...organizationControl(world),
    ...directoryControl(world),
    ...appControl(world),
    ...faultControl(world),
    ...eventControl(world),
    ...streamControl(world),
    ...robotControl(world),
    /** Milliseconds since the epoch by the simulator's clock. */
    now: (): number => world.clock.now(),
    advanceClock(ms: number): number {
      world.clock.advance(ms);
      return world.clock.now();
    },
    /**
     * Advances the clock from one planned attempt or ping to the next, and waits for the answer to each. A single step
     * of `advanceClock` over several of them makes them exceed their deadlines. Never resolves if an app does not answer.
     */
    async passTime(ms: number): Promise<number> {
      const until = world.clock.now() + ms;
      await settle(world);
      for (let at = world.clock.nextTaskAt(); at !== null && at <= until; at = world.clock.nextTaskAt()) {
        world.clock.advance(Math.max(at - world.clock.now(), 0));
        await settle(world);
      }
      return control.advanceClock(Math.max(until - world.clock.now(), 0));
    },
    readCalls: (filter?: CallFilter, callsMax?: number): CallReport => world.calls.report(filter, callsMax),
    clearCalls: (): void => world.calls.clear(),
  };
  /** Restores the initial state, except the clock. */
  function reset({ keepsSubscriptions = false }: { readonly keepsSubscriptions?: boolean } = {}): void {
    const kept = keepsSubscriptions ? [...world.events.subscriptions] : [];
    world.organizations.clear();
    world.apps.clear();
    world.tokens.revoke();
    world.tickets.clear();
    world.events.clear();
    world.stream.clear();
    world.robots.clear();
    control.clearCalls();
    control.clearFaults();
    control.resetSettings();
    control.resetLimits();
    control.setSettings(start.settings);
    control.setLimits(start.limits);
    for (const organization of start.organizations) control.addOrganization(organization);
    for (const app of start.apps) control.addApp(app);
    for (const robot of start.robots) control.addRobot(robot);
    for (const [appKey, subscription] of kept) world.events.subscriptions.set(appKey, subscription);
  }
  reset();
  return { ...control, reset };
}

async function settle({ events, stream }: World): Promise<void> {
  await Promise.all([events.queue.settle(), stream.settlePings()]);
}

function organizationControl(world: World) {
  return {
    /** Generates an organization. Replaces an existing one with the same id. */
    addOrganization(input: OrganizationInput): OrganizationSummary {
      const { corpId, name, size: wanted, seed } = organizationInput.parse(input);
      const size = typeof wanted === "number" ? wanted : SIZES[wanted];
      const directory = makeDirectory({ seed, size, name });
      const organization: Organization = { corpId, name, seed, size, status: "active", directory };
      world.organizations.set(corpId, organization);
      return summaryOf(organization);
    },
    listOrganizations: (): OrganizationSummary[] => [...world.organizations.values()].map(summaryOf),
    getOrganization: (corpId: string): OrganizationSummary => summaryOf(requireOrganization(world, corpId)),
    setOrganization(corpId: string, patch: z.input<typeof organizationPatch>): OrganizationSummary {
      const organization = requireOrganization(world, corpId);
      const { status } = organizationPatch.parse(patch);
      if (status === "dissolved" && organization.status !== status) {
        publishEvents(world, corpId, [{ eventType: "org_remove", data: {} }]);
      }
      organization.status = status;
      return summaryOf(organization);
    },
    /** Generates the directory again, without later changes. */
    resetOrganization(corpId: string): OrganizationSummary {
      const organization = requireOrganization(world, corpId);
      organization.directory = makeDirectory(organization);
      organization.status = "active";
      return summaryOf(organization);
    },
    removeOrganization(corpId: string): void {
      requireOrganization(world, corpId);
      world.organizations.delete(corpId);
    },
  };
}

function directoryControl(world: World) {
  return {
    /**
     * Makes the changes in order, and pushes their events.
     *
     * @returns the department id or userid of each change
     */
    changeDirectory(corpId: string, changes: readonly DirectoryChangeInput[]): (number | string)[] {
      return changeAndPublish(world, corpId, (apply) =>
        changes.map((change) => apply(directoryChange.parse(change))),
      );
    },
    /**
     * Makes `count` random changes, always the same ones for the same seed and state, and pushes their events.
     *
     * @returns the changes
     */
    churn(corpId: string, input: z.input<typeof churnInput>): DirectoryChange[] {
      const { directory } = requireOrganization(world, corpId);
      const wanted = churnInput.parse(input);
      return changeAndPublish(world, corpId, (apply) => churnDirectory(directory, wanted, apply));
    },
    /** Lists the whole tree in unspecified order. */
    listDepartments(corpId: string): DepartmentTruth[] {
      const { directory } = requireOrganization(world, corpId);
      return [...directory.departments.values()].map(({ id, parentId, name, order }) => ({
        id,
        parentId,
        name,
        order,
      }));
    },
    listMembers(corpId: string, deptId: number): Person[] {
      const { directory } = requireOrganization(world, corpId);
      return listMembers(directory, requireDepartment(directory, deptId));
    },
    findPerson: (corpId: string, userid: string): Person | null =>
      findPerson(requireOrganization(world, corpId).directory, userid),
  };
}

/** Makes changes, and publishes the events of those that were made, even if a later one failed. */
function changeAndPublish<T>(
  world: World,
  corpId: string,
  work: (apply: (change: DirectoryChange) => number | string) => T,
): T {
  const { directory } = requireOrganization(world, corpId);
  const drafts: EventDraft[] = [];
  try {
    return work((change) => {
      const { result, events } = changeWithEvents(directory, change);
      drafts.push(...events);
      return result;
    });
  } finally {
    publishEvents(world, corpId, drafts);
  }
}

function appControl(world: World) {
  return {
    /** Adds an app. Replaces an existing one with the same key. */
    addApp(input: AppInput): App {
      const app = appInput.parse(input);
      world.apps.set(app.appKey, app);
      return app;
    },
    listApps: (): App[] => [...world.apps.values()],
    /** Changes an app, and pushes authorizations that a third-party app got or lost. The setting `secretReset` decides whether a new secret invalidates the app's tokens. */
    changeApp(appKey: string, patch: AppPatch): App {
      const before = requireApp(world, appKey);
      const app = merge(before, appPatch.parse(patch));
      world.apps.set(appKey, app);
      const settings = merge(world.settings, app.settings);
      pushAppChange(world, before, app);
      if (app.appSecret !== before.appSecret && settings.secretReset === "kills") world.tokens.revoke(appKey);
      return app;
    },
    removeApp(appKey: string): void {
      requireApp(world, appKey);
      world.apps.delete(appKey);
      world.tokens.revoke(appKey);
    },
    /** Invalidates the tokens of an app, or of all apps. */
    revokeTokens: (appKey?: string): void => world.tokens.revoke(appKey),
    readSettings: (): Settings => world.settings,
    setSettings(patch: z.input<typeof settingsPatch>): Settings {
      world.settings = merge(world.settings, settingsPatch.parse(patch));
      return world.settings;
    },
    resetSettings(): Settings {
      world.settings = SETTINGS_DEFAULT;
      return world.settings;
    },
  };
}

function faultControl(world: World) {
  return {
    /**
     * Adds a fault rule after the others.
     *
     * @returns its id
     */
    addFault(input: FaultRuleInput): number {
      const rule = faultRule.parse(input);
      const id = world.nextFaultId;
      world.nextFaultId += 1;
      world.faults.push({ id, rule, matched: 0, acted: 0 });
      return id;
    },
    listFaults: (): readonly ActiveFault[] => world.faults,
    removeFault(id: number): void {
      if (!world.faults.some((active) => active.id === id)) throw new ControlError(`no fault ${id}`);
      world.faults = world.faults.filter((active) => active.id !== id);
    },
    clearFaults(): void {
      world.faults = [];
    },
    readLimits: (): Limits => world.limits,
    /** Sets limits and resets their counters. */
    setLimits(patch: z.input<typeof limitsPatch>): Limits {
      world.limits = merge(world.limits, limitsPatch.parse(patch));
      world.throttle = makeThrottle();
      return world.limits;
    },
    resetLimits(): Limits {
      world.limits = LIMITS_DEFAULT;
      world.throttle = makeThrottle();
      return world.limits;
    },
  };
}

function summaryOf({ corpId, name, status, seed, directory }: Organization): OrganizationSummary {
  return {
    corpId,
    name,
    status,
    seed,
    departments: directory.departments.size,
    people: countPeople(directory),
  };
}
