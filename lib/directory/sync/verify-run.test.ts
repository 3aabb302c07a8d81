import { describe, expect, test } from "vitest";
import { fakeDirectory, refusal } from "./read/test-support/fake-directory";
import { pick, type VerifyOptions, verifyDirectory } from "./verify-run";

/** Children: 1: 2, 3. 2: 4. 3: 5, 6. */
const TREE = { 1: null, 2: "1", 3: "1", 4: "2", 5: "3", 6: "3" };
const PEOPLE = { a: ["1"], b: ["2", "5"], c: ["6"], d: ["4"] };

/** A directory, and the stored one, which has everything that the app could read at first. */
function stored(roots = ["1"]) {
  const fake = fakeDirectory(TREE, roots);
  for (const [userId, places] of Object.entries(PEOPLE)) fake.people.set(userId, places);
  const below = (id: string): string[] => [
    id,
    ...Object.entries(TREE).flatMap(([each, above]) => (above === id ? below(each) : [])),
  ];
  const ids = roots.flatMap(below);
  const inside = new Map(
    ids.map((id) => [
      id,
      {
        children: new Set(Object.entries(TREE).flatMap(([each, above]) => (above === id ? [each] : []))),
        members: new Set(Object.entries(PEOPLE).flatMap(([each, at]) => (at.includes(id) ? [each] : []))),
      },
    ]),
  );
  const verify = (options: Partial<VerifyOptions> = {}) =>
    verifyDirectory(fake.verifying, {
      fullReadCalls: 100,
      scope: { departmentIds: roots, userIds: [] },
      exclude: new Set(),
      hasMembers: true,
      membersStored: roots[0] === "1" ? 4 : null,
      turn: 0,
      loadDepartmentIds: async () => ids,
      loadContents: async (wanted) => new Map([...inside].filter(([id]) => wanted.includes(id))),
      random: () => 0,
      retry: { sleep: async (_, signal) => signal.throwIfAborted() },
      signal: new AbortController().signal,
      ...options,
    });
  return { fake, ids, inside, verify };
}

const different = (difference: object) => ({ kind: "different", difference });

describe("verify runs", () => {
  test("confirms an unchanged directory with calls for ids only", async () => {
    const { fake, verify } = stored();

    expect(await verify()).toEqual({ kind: "same", departments: 6, membersNotPermitted: false });
    expect(fake.requests.map((what) => what.replace(/ \d+$/, "")).sort()).toEqual([
      "count",
      ...Array.from({ length: 6 }, () => "ids"),
      ...Array.from({ length: 6 }, () => "listid"),
      "scopes",
    ]);
  });

  test.each([10, 24, 25, 40, 57, 100])(
    "a verify run makes at most a fifth of a full read's %d calls",
    async (fullReadCalls) => {
      const { fake, verify } = stored();
      const { kind } = await verify({ fullReadCalls });

      expect(fake.requests.length).toBeLessThanOrEqual(fullReadCalls * 0.2);
      // The budget has one call for unknown ids, and none for the two calls of a department
      expect(kind).toBe(fullReadCalls < 25 ? "not_worthwhile" : "same");
    },
  );

  test("a verify run picks every department in turn, and others at random", () => {
    const ids = Array.from({ length: 20 }, (_, n) => String(n));
    const inTurn = (turn: number) => pick(ids, 4, { turn, random: () => 0.5 });

    expect([inTurn(0), inTurn(1), inTurn(9)].map((each) => each.slice(0, 2))).toEqual([
      ["0", "1"],
      ["2", "3"],
      ["18", "19"],
    ]);
    const all = Array.from({ length: 10 }, (_, turn) => inTurn(turn).slice(0, 2)).flat();
    expect(new Set(all).size).toBe(20);
    expect(inTurn(0).slice(2)).not.toEqual(pick(ids, 4, { turn: 0, random: () => 0 }).slice(2));
    expect(new Set(inTurn(3)).size).toBe(4);
    expect(pick(ids, 30, { turn: 3, random: () => 0 })).toEqual(ids);
  });

  test("a verify run stops at the first difference", async () => {
    const { fake, verify } = stored();
    fake.parents.set("7", "1");
    fake.before = async (request) => {
      if (request !== "ids 1" && request !== "get 7") await new Promise((resolve) => setImmediate(resolve));
    };

    expect(await verify()).toEqual(different({ kind: "children", departmentId: "1" }));
    expect(fake.requests).not.toContain("ids 6");
  });

  test.each([
    ["a department that is new", { 7: "4" }, "children", "4"],
    ["one that moved away", { 5: "1" }, "children", "3"],
  ])("a verify run detects %s", async (_, parents, kind, departmentId) => {
    const { fake, verify } = stored();
    for (const [id, parentId] of Object.entries(parents)) fake.parents.set(id, parentId);
    expect(await verify({ loadDepartmentIds: async () => [departmentId] })).toEqual(
      different({ kind, departmentId }),
    );
  });

  test("detects a deleted department, a new member, a member who left and a changed member count", async () => {
    const gone = stored();
    gone.fake.parents.delete("4");
    expect(await gone.verify({ loadDepartmentIds: async () => ["4"] })).toEqual(
      different({ kind: "department_gone", departmentId: "4" }),
    );

    const came = stored();
    came.fake.people.set("a", ["1", "6"]);
    expect(await came.verify()).toEqual(different({ kind: "members", departmentId: "6" }));

    const left = stored();
    left.fake.people.set("c", ["4"]);
    expect(await left.verify({ loadDepartmentIds: async () => ["6"] })).toEqual(
      different({ kind: "members", departmentId: "6" }),
    );

    const more = stored();
    more.fake.people.set("e", []);
    expect(await more.verify()).toEqual(different({ kind: "member_count", held: 4, told: 5 }));
  });

  test("detects a changed scope of departments and of people", async () => {
    const { fake, verify } = stored(["2", "3"]);
    fake.roots = ["2"];
    expect(await verify()).toEqual(different({ kind: "scope" }));
    Object.assign(fake, { roots: ["3", "2"], individuals: ["a"] });
    expect(await verify()).toEqual(different({ kind: "scope" }));
    fake.individuals = [];
    expect(await verify()).toMatchObject({ kind: "same", departments: 5 });
  });

  test("ignores ids out of the app's scope and excluded departments", async () => {
    const { fake, inside, verify } = stored();
    fake.parents.set("7", "1").set("8", "2");
    fake.before = (request) => {
      if (request === "get 7") throw refusal("department_out_of_scope");
      if (request === "member a") throw refusal("member_out_of_scope");
    };
    fake.people.set("a", ["1", "6"]);
    // Excluded since, and still there
    inside.get("3")?.children.delete("5");

    expect(await verify({ exclude: new Set(["8", "5"]) })).toMatchObject({ kind: "same" });
    inside.get("3")?.children.add("5");
    fake.parents.set("5", "4");
    expect(await verify({ exclude: new Set(["8", "5"]) })).toMatchObject({ kind: "same" });
  });

  test("looks up a limited number of unknown ids, and ignores the rest", async () => {
    const { fake, verify } = stored();
    for (let id = 100; id < 150; id += 1) fake.parents.set(String(id), "1");
    fake.before = (request) => {
      if (request.startsWith("get")) throw refusal("department_out_of_scope");
    };
    expect(await verify()).toMatchObject({ kind: "same" });
    expect(fake.requests.length).toBeLessThanOrEqual(20);
    expect(fake.count("get")).toBe(2);
  });

  test("treats an unknown id as visible when the lookup is not permitted", async () => {
    const { fake, verify } = stored();
    fake.people.set("a", ["1", "6"]);
    fake.before = (request) => {
      if (request === "member a") throw refusal("missing_permission");
    };
    expect(await verify()).toMatchObject({ kind: "different" });
  });

  test("compares only departments, and reports that, when the app may not list members", async () => {
    const { fake, verify } = stored();
    const calls = ["count", "listid"];
    fake.before = (request) => {
      if (calls.some((call) => request.startsWith(call))) throw refusal("missing_permission");
    };
    expect(await verify()).toEqual({ kind: "same", departments: 6, membersNotPermitted: true });

    fake.parents.set("7", "4");
    expect(await verify()).toEqual(different({ kind: "children", departmentId: "4" }));
  });

  test("compares members without their count when only the count is refused", async () => {
    const { fake, verify } = stored();
    fake.before = (request) => {
      if (request === "count") throw refusal("missing_permission");
    };
    expect(await verify()).toMatchObject({ kind: "same", membersNotPermitted: false });
    fake.people.set("a", ["1", "6"]);
    expect(await verify()).toEqual(different({ kind: "members", departmentId: "6" }));
  });

  test("skips a department whose members DingTalk refuses", async () => {
    const { fake, verify } = stored();
    fake.before = (request) => {
      if (request === "listid 1") throw refusal("department_members_unreadable");
    };
    expect(await verify()).toMatchObject({ kind: "same", membersNotPermitted: false });
    fake.people.set("c", ["4"]);
    expect(await verify()).toMatchObject({ kind: "different" });
  });

  test("a failed verify run reports its calls, and an aborted one stops with the signal", async () => {
    const { fake, verify } = stored();
    fake.before = (request) => {
      if (request === "ids 3") throw refusal("timeout");
    };
    await expect(verify()).rejects.toMatchObject({ kind: "timeout" });

    const controller = new AbortController();
    fake.before = (request) => request === "ids 3" && controller.abort(new Error("stop"));
    await expect(verify({ signal: controller.signal })).rejects.toThrow("stop");
  });
});
