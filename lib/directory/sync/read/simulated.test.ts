import { describe, expect, onTestFinished, test } from "vitest";
import { makeDingtalk } from "@/lib/dingtalk/test-support/make-dingtalk";
import { requestAccessToken } from "@/lib/dingtalk/tokens";
import { Redacted } from "@/lib/redacted";
import { type SimulatorOptions, startSimulator } from "@/simulator/start-simulator";
import { verifyDirectory } from "../verify-run";
import { directoryCalls, verifyCalls } from "./directory-calls";
import { type ReadOptions, readDirectory } from "./read-directory";
import { memoryCheckpoint } from "./test-support/memory-checkpoint";
import { withMembers } from "./test-support/read-fake";

const CORP = "dingcorpofreadings";
const pair = { appKey: "dingkeyofreadings", appSecret: "secret-of-tests-only" };
const LIST_MEMBERS = "topapi/v2/user/list";

/** A simulated DingTalk, and functions that read it. */
async function open(app: Partial<NonNullable<SimulatorOptions["apps"]>[number]> = {}, size = 40) {
  const simulator = await startSimulator({
    organizations: [{ corpId: CORP, size }],
    apps: [{ ...pair, corpId: CORP, ...app }],
    limits: { appApiPerSecond: null },
  });
  onTestFinished(() => simulator.close());
  const { control } = simulator;
  const { dingtalk } = makeDingtalk({ url: simulator.url });
  const { token } = await requestAccessToken(dingtalk, { ...pair, appSecret: new Redacted(pair.appSecret) });
  const source = { current: async () => token, replace: async () => token };
  const caller = { appKey: pair.appKey, token: source };
  const truth = () => new Map(control.listDepartments(CORP).map((each) => [String(each.id), each]));
  /** Returns the true places of all members. */
  const places = () => {
    const byPerson: Record<string, string[]> = {};
    for (const id of truth().keys()) {
      for (const { userid } of control.listMembers(CORP, Number(id))) (byPerson[userid] ??= []).push(id);
    }
    for (const ids of Object.values(byPerson)) ids.sort();
    return byPerson;
  };
  const read = async ({
    triesWhole = false,
    ...options
  }: Partial<ReadOptions> & { triesWhole?: boolean } = {}) => {
    const memory = memoryCheckpoint();
    control.clearCalls();
    const result = await readDirectory(directoryCalls(dingtalk, caller, { triesWhole }), {
      retry: { sleep: async (_, stop) => stop.throwIfAborted() },
      departmentsMax: 1_000,
      membersMax: 10_000,
      onProgress: () => {},
      include: [],
      exclude: new Set(),
      wantsDetails: null,
      checkpoint: memory.checkpoint,
      loadStored: async () => new Map(),
      signal: new AbortController().signal,
      ...options,
    });
    const { byPath } = control.readCalls();
    return { ...result, memory, calls: byPath };
  };
  return { control, dingtalk, caller, truth, places, read };
}

const parentsOf = (departments: ReadonlyMap<string, { readonly parentId: string | null }>) =>
  Object.fromEntries([...departments].map(([id, { parentId }]) => [id, parentId]));

describe("simulated directory", () => {
  test("reads the simulated directory completely, with members in each of their departments (others lost 43 of 80)", async () => {
    const { truth, places, read } = await open();
    const { departments, memory, calls, leastCalls, incompleteFor } = await read({
      wantsDetails: () => true,
    });
    const parents = [...truth()].map(([id, { parentId }]) => [
      id,
      parentId === null ? null : String(parentId),
    ]);

    expect(parentsOf(departments)).toEqual(Object.fromEntries(parents));
    expect(memory.places()).toEqual(places());
    expect(
      [...departments].every(([id, { department, details }]) => {
        return details !== null && department.order === String(truth().get(id)?.order);
      }),
    ).toBe(true);
    expect(incompleteFor).toBeNull();
    // One department has more members than a page
    expect(leastCalls[LIST_MEMBERS]).toBeGreaterThan(departments.size);
    expect(calls).toEqual(leastCalls);
  });

  test("reads the same directory in one answer and level by level", async () => {
    const { read } = await open();
    const levels = await read();
    const whole = await read({ triesWhole: true });

    expect([levels.strategy, whole.strategy]).toEqual(["levels", "whole"]);
    expect(whole.calls["topapi/v2/department/listsub"]).toBeUndefined();
    expect(whole.calls["department/list"]).toBe(1);
    // DingTalk may return undocumented fields in only one of the two answers
    const documented = ({ departments }: Awaited<ReturnType<typeof read>>) =>
      Object.fromEntries(
        [...departments].map(([id, { department, ...seen }]) => {
          const { x_unlisted_field: _, ...extra } = JSON.parse(department.extra);
          return [id, { ...seen, department: { ...department, extra } }];
        }),
      );
    expect(documented(whole)).toEqual(documented(levels));
    expect(whole.memory.places()).toEqual(levels.memory.places());
  });

  test("an app that DingTalk refuses the whole tree reads level by level", async () => {
    const { truth, read } = await open({ settings: { legacyDepartmentApi: "closed" } });
    const refusals: string[] = [];
    const { departments, strategy } = await read({
      triesWhole: true,
      onWholeRefused: (reason) => refusals.push(reason),
    });

    expect(departments.size).toBe(truth().size);
    expect({ strategy, refusals }).toEqual({ strategy: "levels", refusals: ["missing_permission"] });
  });

  test("the read is incomplete without the permission for members", async () => {
    const { truth, read } = await open({ permissions: ["qyapi_base", "qyapi_get_department_list"] });
    const { departments, membersIncompleteFor, incompleteFor, memory } = await read();

    expect(departments.size).toBe(truth().size);
    expect(membersIncompleteFor).toEqual({
      kind: "members_not_permitted",
      code: "88",
      subCode: "60011",
      message: expect.stringMatching(/qyapi/),
      requestId: expect.stringMatching(/./),
    });
    expect({ incompleteFor, people: memory.places() }).toEqual({ incompleteFor: null, people: {} });
  });

  test("removes nobody wrongly when the directory changes between two pages", async () => {
    const { control, truth, places, read } = await open();
    const [crowded] = [...truth().keys()].sort(
      (a, b) => control.listMembers(CORP, Number(b)).length - control.listMembers(CORP, Number(a)).length,
    );
    const stored = Object.keys(places());
    const [first] = control.listMembers(CORP, Number(crowded));
    control.addFault({
      path: LIST_MEMBERS,
      // The first page of the largest department is among these calls
      afterCalls: truth().size,
      times: 1,
      fault: {
        kind: "change",
        corpId: CORP,
        changes: [{ op: "remove_person", userid: first?.userid ?? "" }],
      },
    });
    const memory = memoryCheckpoint();
    const { goneMembers, membersIncompleteFor } = await read({
      ...withMembers(memory, stored),
    });

    expect(membersIncompleteFor).toBeNull();
    const there = places();
    for (const userId of goneMembers) expect(there[userId]).toBeUndefined();
    expect(memory.places()).toMatchObject(there);
  });

  test("verifies the directory with a fifth of a full read's calls, by ids only, until something differs", async () => {
    const { control, dingtalk, caller, truth, places, read } = await open({}, 120);
    const { departments, calls, scope } = await read();
    const fullReadCalls = Object.values(calls).reduce((sum, count) => sum + count, 0);
    const stored = Object.entries(places());
    const inside = new Map(
      [...departments.keys()].map((id) => [
        id,
        {
          children: new Set(
            [...departments].flatMap(([each, { parentId }]) => (parentId === id ? [each] : [])),
          ),
          members: new Set(stored.flatMap(([each, at]) => (at.includes(id) ? [each] : []))),
        },
      ]),
    );
    const verify = (turn: number) =>
      verifyDirectory(verifyCalls(dingtalk, caller), {
        retry: { sleep: async (_, stop) => stop.throwIfAborted() },
        fullReadCalls,
        scope,
        exclude: new Set(),
        hasMembers: true,
        membersStored: stored.length,
        turn,
        loadDepartmentIds: async () => [...departments.keys()].sort(),
        loadContents: async () => inside,
        random: () => 0.5,
        signal: new AbortController().signal,
      });
    const turns = Math.ceil(departments.size / 10);
    for (let turn = 0; turn < turns; turn += 1) {
      control.clearCalls();
      expect(await verify(turn)).toMatchObject({ kind: "same" });
      const { total, byPath } = control.readCalls();
      expect(total).toBeLessThanOrEqual(fullReadCalls * 0.2);
      expect(Object.keys(byPath).sort()).toEqual([
        "auth/scopes",
        "topapi/user/count",
        "topapi/user/listid",
        "topapi/v2/department/listsubid",
      ]);
    }

    const [leaf = ""] = [...departments.keys()].slice(-1);
    control.changeDirectory(CORP, [{ op: "move_department", id: Number(leaf), parentId: 1 }]);
    const found = [];
    for (let turn = 0; turn < turns; turn += 1) found.push((await verify(turn)).kind);
    expect(found).toContain("different");
    expect(truth().get(leaf)?.parentId).toBe(1);
  });
});
