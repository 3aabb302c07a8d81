import { describe, expect, test } from "vitest";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { fakeDirectory, refusal } from "./test-support/fake-directory";
import { memoryCheckpoint } from "./test-support/memory-checkpoint";
import { readFake, withMembers } from "./test-support/read-fake";

const TREE = { 1: null, 2: "1", 3: "1", 4: "2" };

function peopled(people: Record<string, readonly string[]>, tree: Record<string, string | null> = TREE) {
  const fake = fakeDirectory(tree);
  for (const [userId, places] of Object.entries(people)) fake.people.set(userId, places);
  const memory = memoryCheckpoint();
  const read = (stored: readonly string[] = [], options = {}) =>
    readFake(fake, TREE, { ...withMembers(memory, stored), ...options });
  return { fake, memory, read };
}

const PEOPLE = { a: ["1"], b: ["2"], c: ["2", "4"], d: ["2"], e: ["2"], f: ["2"], g: ["3"] };

describe("readDirectory: members", () => {
  test("reads each page of every department once, including the root", async () => {
    const { fake, memory, read } = peopled(PEOPLE);
    const { membersIncompleteFor, leastCalls } = await read();

    expect(memory.places()).toEqual(PEOPLE);
    expect(fake.requests.filter((what) => what.startsWith("members")).sort()).toEqual([
      "members 1",
      "members 2",
      "members 2 from 2",
      "members 2 from 4",
      "members 3",
      "members 4",
    ]);
    expect(membersIncompleteFor).toBeNull();
    expect(leastCalls).toMatchObject({ "topapi/v2/user/list": 6, "topapi/v2/department/listsub": 4 });
  });

  test("reads members while it still reads the rest of the tree", async () => {
    const { fake, read } = peopled(PEOPLE);
    const begun = Promise.withResolvers<void>();
    fake.before = (request) => {
      if (request === "members 2") begun.resolve();
      return request === "list 4" ? begun.promise : undefined;
    };
    await read();
    expect(fake.count("list ")).toBe(4);
  });

  test("counts a member of several departments once, also in a resumed read", async () => {
    const told: number[] = [];
    const onProgress = ({ members }: { members: number }) => told.push(members);
    const { fake, memory, read } = peopled(PEOPLE);
    fake.before = async (request) => {
      if (request !== "members 3") return;
      await memory.checkpoint.flush();
      throw refusal("ip_not_allowed");
    };
    await expect(read([], { onProgress })).rejects.toThrow();
    fake.before = () => undefined;
    await read([], { onProgress });

    // One member is in two departments
    expect(told.at(-1)).toBe(7);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  test("more member rows than the limit fail the read", async () => {
    const { read } = peopled(PEOPLE);
    expect((await read([], { membersMax: 8 })).membersIncompleteFor).toBeNull();

    await expect(peopled(PEOPLE).read([], { membersMax: 7 })).rejects.toMatchObject({
      reason: { kind: "too_many_members", membersMax: 7 },
    });
  });

  test("reads the departments completely when the app may not read members", async () => {
    const { fake, read } = peopled(PEOPLE);
    fake.before = (request) => {
      if (request.startsWith("members")) throw refusal("missing_permission");
    };
    const { incompleteFor, membersIncompleteFor, goneMembers, departments } = await read(["a", "z"]);

    expect(membersIncompleteFor).toEqual({ kind: "members_not_permitted" });
    expect({ incompleteFor, gone: goneMembers.size, seen: departments.size }).toEqual({
      incompleteFor: null,
      gone: 0,
      seen: 4,
    });
    expect(fake.count("member ")).toBe(0);
  });

  test("makes only a few calls for members when the app may not read them, for any number of departments", async () => {
    const tree = Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => [n + 1, n ? String(Math.ceil(n / 4)) : null]),
    );
    const { fake, read } = peopled(Object.fromEntries(Object.keys(tree).map((id) => [`u${id}`, [id]])), tree);
    const allListed = Promise.withResolvers<void>();
    fake.before = async (request) => {
      if (request === "list 60") allListed.resolve();
      if (!request.startsWith("members")) return;
      await allListed.promise;
      throw refusal("missing_permission");
    };
    await read();
    expect(fake.count("members")).toBeLessThanOrEqual(5);
  });

  test("reads the current scope again when the members of a department are out of scope", async () => {
    const { fake, memory, read } = peopled(PEOPLE);
    fake.before = (request) => request === "members 2 from 4" && (fake.roots = ["3"]);
    const { scope } = await read();

    expect(scope.departmentIds).toEqual(["3"]);
    expect(memory.places()).toEqual({ g: ["3"] });
    // Stored answers are not requested again
    expect(fake.count("list 3")).toBe(1);
  });

  test("marks the read incomplete with DingTalk's code when members are refused, and removes none", async () => {
    const { fake, read } = peopled(PEOPLE);
    fake.before = (request) => {
      if (request !== "members 3") return;
      const upstream = { host: "dingtalk.test", code: "60019", message: "查询失败" };
      throw new DingtalkError({
        kind: "department_members_unreadable",
        api: "topapi/v2/user/list",
        upstream,
      });
    };
    const { incompleteFor, goneMembers, gone } = await read(["z"]);

    expect(incompleteFor).toEqual({
      kind: "members_unreadable",
      count: 1,
      code: "60019",
      subCode: null,
      message: "查询失败",
      requestId: null,
    });
    expect({ gone: gone.size, goneMembers: goneMembers.size }).toEqual({ gone: 0, goneMembers: 0 });
    expect(fake.count("member z")).toBe(0);
  });

  test("reads members at the second try when the first is refused", async () => {
    const { fake, memory, read } = peopled(PEOPLE);
    let refused = 0;
    fake.before = (request) => {
      if (request === "members 2 from 2" && (refused += 1) === 1) throw refusal("department_out_of_scope");
    };

    expect((await read()).incompleteFor).toBeNull();
    expect(memory.places()).toEqual(PEOPLE);
  });

  test("drops the members of a department that is deleted during the read", async () => {
    const { fake, memory, read } = peopled(PEOPLE);
    fake.before = (request) => {
      if (request !== "members 2 from 2") return;
      for (const id of ["2", "4"]) fake.parents.delete(id);
      for (const id of "bcdef") fake.people.set(id, ["3"]);
    };
    const { departments, gone, goneMembers, incompleteFor } = await read([...Object.keys(PEOPLE), "z"]);

    expect([...departments.keys()].sort()).toEqual(["1", "3"]);
    expect({ gone: [...gone].sort(), goneMembers: [...goneMembers] }).toEqual({
      gone: ["2", "4"],
      goneMembers: ["z"],
    });
    expect(incompleteFor).toBeNull();
    expect(memory.places()).toEqual({ a: ["1"], b: ["3"], c: ["3"], d: ["3"], e: ["3"], f: ["3"], g: ["3"] });
  });
});

describe("stored members who are in no list", () => {
  test("a stored member is gone only when DingTalk says so", async () => {
    const { fake, read } = peopled(PEOPLE);
    const { goneMembers, membersIncompleteFor } = await read(["a", "z"]);

    expect({ gone: [...goneMembers], membersIncompleteFor }).toEqual({
      gone: ["z"],
      membersIncompleteFor: null,
    });
    expect(fake.requests.filter((what) => what.startsWith("member "))).toEqual(["member z"]);
  });

  test("finds a stored member who moved into a part already read", async () => {
    const { fake, memory, read } = peopled(PEOPLE);
    fake.before = (request) => request === "members 4" && fake.people.set("g", ["1"]);
    const tail = Promise.withResolvers<void>();
    const before = fake.before;
    // The department that they leave is read last
    fake.before = (request) => {
      if (request === "members 4") tail.resolve();
      before(request);
      return request === "members 3" ? tail.promise : undefined;
    };
    const { goneMembers } = await read(["g"]);

    expect(goneMembers.size).toBe(0);
    expect(memory.places()).toMatchObject({ g: ["1"] });
  });

  test("raises a suspicion when every member would be gone", async () => {
    const { read } = peopled({});
    expect((await read(["y", "z"])).suspicion).toEqual({ kind: "members_empty", held: 2 });
    expect((await read([])).suspicion).toBeNull();
    const { fake, read: readAgain } = peopled({});
    fake.before = (request) => request === "member y" && fake.people.set("y", ["1"]);
    const { goneMembers, suspicion } = await readAgain(["y", "z"]);
    expect({ gone: [...goneMembers], suspicion }).toEqual({ gone: ["z"], suspicion: null });
  });

  test("a stored member is out of scope and not gone when the lookup is refused", async () => {
    const { fake, read } = peopled({ ...PEOPLE, h: ["3"] });
    fake.roots = ["2"];
    const { goneMembers, outOfScopeMembers, suspicion } = await read(["b", "h"]);

    expect({ gone: [...goneMembers], out: [...outOfScopeMembers] }).toEqual({ gone: [], out: ["h"] });
    expect(suspicion).toEqual({ kind: "scope_shrank", departments: 2, members: 1 });
  });

  test("a stored member is unproven when the app may not look up members, and no one is gone", async () => {
    const { fake, read } = peopled(PEOPLE);
    fake.before = (request) => {
      if (request.startsWith("member ")) throw refusal("missing_permission");
    };
    const { goneMembers, unprovenMembers, membersIncompleteFor, incompleteFor, suspicion } = await read([
      "y",
      "z",
    ]);

    expect([...unprovenMembers].sort()).toEqual(["y", "z"]);
    expect(membersIncompleteFor).toEqual({ kind: "members_unproven", count: 2 });
    expect({ gone: goneMembers.size, incompleteFor, suspicion }).toEqual({
      gone: 0,
      incompleteFor: null,
      suspicion: null,
    });
  });

  test("a stored member is not gone when the permission ends during the lookups", async () => {
    const { fake, read } = peopled(PEOPLE);
    fake.before = (request) => {
      if (request.startsWith("member ") && request !== "member v") throw refusal("missing_permission");
    };
    const { goneMembers, unprovenMembers } = await read(
      ["v", ...Array.from({ length: 20 }, (_, n) => `z${n}`)],
      {
        lookUpsMax: 30,
      },
    );

    expect({ gone: goneMembers.size, unproven: unprovenMembers.size }).toEqual({ gone: 0, unproven: 20 });
    expect(fake.count("member ")).toBeLessThanOrEqual(5);
  });

  test("a stored member is unproven without a lookup when another organization answered", async () => {
    const { fake, read } = peopled(PEOPLE, { 1: null, 70: "1" });
    const { unprovenMembers, suspicion } = await read(["z"]);

    expect([...unprovenMembers]).toEqual(["z"]);
    expect(suspicion).toMatchObject({ kind: "answer_empty" });
    expect(fake.count("member ")).toBe(0);
  });

  test("a stored member among too many is unproven without a lookup", async () => {
    const { fake, read } = peopled(PEOPLE);
    const stored = ["w", "x", "y", "z"];
    const { goneMembers, unprovenMembers, suspicion } = await read(stored, { lookUpsMax: 3 });

    expect({ gone: goneMembers.size, unproven: [...unprovenMembers].sort() }).toEqual({
      gone: 0,
      unproven: stored,
    });
    expect(suspicion).toEqual({ kind: "too_many_missing", departments: 0, members: 4 });
    expect(fake.count("member ")).toBe(0);
  });
});

test("a member who moved between two lists is only in the department that the last lookup returns", async () => {
  const { fake, memory, read } = peopled({ a: ["2"], b: ["3"] });
  const twoRead = Promise.withResolvers<void>();
  fake.before = (request) => {
    if (request === "members 2") setImmediate(() => fake.people.set("a", ["3"]) && twoRead.resolve());
    return request === "members 3" ? twoRead.promise : undefined;
  };
  await read();

  expect(memory.places()).toEqual({ a: ["3"], b: ["3"] });
});

test("a member whom two lists place differently is gone when the lookup says so", async () => {
  const { fake, read } = peopled({ a: ["2", "3"], b: ["3"] });
  const threeRead = Promise.withResolvers<void>();
  fake.before = (request) => {
    if (request === "members 2") setImmediate(() => fake.people.set("a", ["2"]) && threeRead.resolve());
    if (request === "member a") fake.people.delete("a");
    return request === "members 3" ? threeRead.promise : undefined;
  };
  expect([...(await read()).goneMembers]).toEqual(["a"]);
});

describe("members who are on no page because another member left between two pages", () => {
  /** Three members on two pages; the first leaves after the first page was read. */
  function shifted() {
    const { fake, memory, read } = peopled({ a: ["2"], b: ["2"], c: ["2"], d: ["4"] });
    fake.before = (request) => request === "members 2 from 2" && fake.people.delete("a");
    return { fake, memory, read };
  }

  test("finds a member who is on no page although not stored", async () => {
    const { fake, memory, read } = shifted();
    const { membersIncompleteFor, leastCalls } = await read();

    expect(memory.places()).toMatchObject({ c: ["2"], d: ["4"] });
    expect(membersIncompleteFor).toBeNull();
    expect(fake.requests.filter((what) => what.startsWith("listid"))).toEqual(["listid 2"]);
    expect(leastCalls).toMatchObject({ "topapi/user/listid": 1, "topapi/v2/user/get": 1 });
  });

  test("the worker that resumes after a kill finds a member who is on no page", async () => {
    const { fake, memory, read } = shifted();
    const { before } = fake;
    fake.before = async (request) => {
      await memory.checkpoint.flush();
      if (request === "listid 2") throw new Error("killed");
      return before(request);
    };
    await expect(read()).rejects.toThrow("killed");
    memory.kill();
    fake.before = () => undefined;
    await read();

    expect(memory.places()).toMatchObject({ c: ["2"] });
    expect(fake.count("members 2")).toBe(3);
  });

  test("a member on no page makes the run incomplete when the app may not look up members", async () => {
    const { fake, read } = shifted();
    const { before } = fake;
    fake.before = (request) => {
      if (request.startsWith("member ")) throw refusal("missing_permission");
      return before(request);
    };
    expect((await read()).incompleteFor).toEqual({ kind: "members_unreadable", count: 1 });
  });

  test("does not look up a member when the list of ids is refused", async () => {
    const { fake, read } = shifted();
    const { before } = fake;
    fake.before = (request) => {
      if (request.startsWith("listid")) throw refusal("missing_permission");
      return before(request);
    };
    expect((await read()).incompleteFor).toBeNull();
  });
});

describe("single people of the scope", () => {
  test("reads single people of the scope whom no list has, and removes nobody when they don't exist", async () => {
    const { fake, memory, read } = peopled({ ...PEOPLE, h: ["3"], i: ["9"] });
    Object.assign(fake, { roots: ["2"], individuals: ["b", "h", "i", "gone"] });
    const { goneMembers, leastCalls } = await read(["b"]);

    expect(memory.places()).toMatchObject({ b: ["2"], h: ["3"], i: ["9"] });
    expect(goneMembers.size).toBe(0);
    expect(fake.requests.filter((what) => what.startsWith("member ")).sort()).toEqual([
      "member gone",
      "member h",
      "member i",
    ]);
    expect(leastCalls).toMatchObject({ "topapi/v2/user/get": 2 });
  });

  test("single people are the whole directory when the scope has no department", async () => {
    const { fake, memory, read } = peopled(PEOPLE);
    Object.assign(fake, { roots: [], individuals: ["b"] });
    const { departments, suspicion } = await read();

    expect(memory.places()).toEqual({ b: ["2"] });
    expect(departments.size).toBe(0);
    expect(suspicion).toMatchObject({ kind: "scope_shrank", departments: 4 });
  });

  test("does not read single people when the settings include departments", async () => {
    const { fake, read } = peopled(PEOPLE);
    fake.individuals = ["g"];
    await read([], { include: ["2"] });
    expect(fake.count("member ")).toBe(0);
  });
});
