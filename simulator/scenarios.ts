import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Control, DepartmentTruth } from "./control";
import type { SubscriptionInput } from "./events/event-control";
import { ControlError } from "./organization/directory";
import { ROOT_ID } from "./organization/model";

const EVENTS_MAX = 12;
/** As many small changes as a personnel department makes in a few minutes, and too few to hold a sync. */
const CHURN_CHANGES = 8;
const THROTTLED_CALLS_PER_SECOND = 2;
const HALF_ANSWER_PATH = "topapi/v2/department/listsub";

export const SCENARIOS = [
  "rename",
  "remove_department",
  "throttle",
  "ban",
  "wrong_secret",
  "half_answer",
  "recover",
] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** An event of the simulated DingTalk. */
export type SimulatorEvent = { readonly at: number; readonly text: string };

export type Scenarios = ReturnType<typeof makeScenarios>;

/** Returns the number of departments below each of the root's children, the child included. */
function branchSizes(departments: readonly DepartmentTruth[]): Map<DepartmentTruth, number> {
  const byId = new Map(departments.map((department) => [department.id, department]));
  const sizes = new Map<DepartmentTruth, number>();
  for (const department of departments) {
    let top: DepartmentTruth | undefined = department;
    while (top && top.parentId !== null && top.parentId !== ROOT_ID) top = byId.get(top.parentId);
    if (top && top.id !== ROOT_ID) sizes.set(top, (sizes.get(top) ?? 0) + 1);
  }
  return sizes;
}

/** Makes scenarios on the first organization and its first app, for people who try Dingkeep. */
export function makeScenarios(control: Control) {
  const events: SimulatorEvent[] = [];
  let turns = 0;

  function note(text: string): void {
    events.unshift({ at: control.now(), text });
    events.length = Math.min(events.length, EVENTS_MAX);
  }

  function corp(): string {
    const [first] = control.listOrganizations();
    if (!first) throw new ControlError("there is no organization");
    return first.corpId;
  }

  /** Lists the root's children, the largest subtree first. */
  function branches(corpId: string): readonly (readonly [DepartmentTruth, number])[] {
    const sizes = [...branchSizes(control.listDepartments(corpId))].sort(([, a], [, b]) => b - a);
    if (sizes.length === 0) throw new ControlError("there is no department below the root");
    return sizes;
  }

  const largest = (corpId: string): readonly [DepartmentTruth, number] => {
    const [first] = branches(corpId);
    if (!first) throw new ControlError("there is no department below the root");
    return first;
  };

  const plays: Readonly<Record<Scenario, () => string>> = {
    rename() {
      const corpId = corp();
      const all = branches(corpId);
      const [department] = all[turns % all.length] ?? largest(corpId);
      const base = department.name.replace(/（改名 \d+）$/, "");
      const name = `${base}（改名 ${turns}）`;
      control.changeDirectory(corpId, [{ op: "rename_department", id: department.id, name }]);
      return `Renamed ${department.name} to ${name}`;
    },
    remove_department() {
      const corpId = corp();
      const [{ id, name }, size] = largest(corpId);
      control.changeDirectory(corpId, [{ op: "remove_department", id, people: "leave" }]);
      return `Removed ${name} with ${size} departments and their people`;
    },
    throttle() {
      control.setLimits({ appApiPerSecond: THROTTLED_CALLS_PER_SECOND });
      return `Throttling every app at ${THROTTLED_CALLS_PER_SECOND} calls per second`;
    },
    ban() {
      control.addFault({ fault: { kind: "ban_body" } });
      return "Banned the calling address";
    },
    wrong_secret() {
      const app = control.listApps().find(({ kind }) => kind === "internal");
      if (!app) throw new ControlError("there is no internal app");
      const settings = { ...app.settings, secretReset: "kills" as const };
      control.changeApp(app.appKey, { appSecret: randomBytes(32).toString("base64url"), settings });
      return `Replaced the AppSecret of ${app.appKey}`;
    },
    half_answer() {
      control.addFault({ path: HALF_ANSWER_PATH, fault: { kind: "truncated" } });
      return "Cutting off every department list";
    },
    recover() {
      control.reset({ keepsSubscriptions: true });
      return "Restored the initial state";
    },
  };

  return {
    /**
     * Plays a scenario.
     *
     * @throws {ControlError} when the organization lacks what the scenario needs
     */
    play(scenario: Scenario): void {
      turns += 1;
      note(plays[scenario]());
    },
    /**
     * Subscribes an app to events, with the fields of the control page's form.
     *
     * @throws {z.ZodError} when a field is invalid
     * @throws {ControlError} when the app is missing
     */
    async subscribe({ appKey, ...input }: Readonly<Record<string, unknown>>): Promise<void> {
      const key = z.string().parse(appKey);
      const check = await control.subscribeEvents(key, input as SubscriptionInput);
      note(
        check.ok
          ? `Verified and saved the callback URL of ${key}`
          : `The callback URL of ${key} was not saved: ${check.reason}, ${check.detail}`,
      );
    },
    /**
     * Chooses stream mode for an app.
     *
     * @throws {z.ZodError} when the AppKey is no text
     * @throws {ControlError} when the app is missing
     */
    subscribeStream(appKey: unknown): void {
      const key = z.string().parse(appKey);
      control.subscribeStream(key);
      note(`Chose stream mode for ${key}`);
    },
    /**
     * Makes and pushes a new ticket for a third-party app.
     *
     * @throws {z.ZodError} when the SuiteKey is no text
     * @throws {ControlError} when there is no such third-party app
     */
    pushSuiteTicket(appKey: unknown): void {
      const key = z.string().parse(appKey);
      control.pushSuiteTicket(key);
      note(`Made a new suite ticket for ${key}`);
    },
    /** Makes a few small changes, different ones each time. */
    churn(): void {
      turns += 1;
      const changes = control.churn(corp(), { count: CHURN_CHANGES, seed: turns });
      const counts = new Map<string, number>();
      for (const { op } of changes) counts.set(op, (counts.get(op) ?? 0) + 1);
      const words = [...counts].map(([op, count]) => `${count} × ${op.replace("_", " ")}`);
      note(`Small changes: ${words.join(", ")}`);
    },
    /** Lists events, latest first. */
    listEvents: (): readonly SimulatorEvent[] => events,
    summary: () => control.getOrganization(corp()),
  };
}
