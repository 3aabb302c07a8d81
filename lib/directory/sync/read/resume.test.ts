import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type FakeDirectory, fakeDirectory } from "./test-support/fake-directory";
import { type MemoryCheckpoint, memoryCheckpoint } from "./test-support/memory-checkpoint";
import { lineOf, makeDirectory, mutate, mutations, organizations } from "./test-support/random-directory";
import { readFake, type Stored, withMembers } from "./test-support/read-fake";
import { type Attempt, readThrough } from "./test-support/read-through";

/** The number of calls after which each worker is killed. The worker after the last one survives. */
const kills = fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 3 });

type Given = {
  readonly fake: FakeDirectory;
  readonly memory: MemoryCheckpoint;
  readonly stored?: Stored;
  readonly storedMembers?: readonly string[];
  readonly hasDetails: boolean;
};

const attemptOf = ({ fake, memory, stored = {}, storedMembers = [], hasDetails }: Given): Attempt => ({
  fake,
  store: memory,
  read: () =>
    readFake(fake, stored, {
      ...withMembers(memory, storedMembers),
      wantsDetails: hasDetails ? () => true : null,
    }),
});

describe("reads that are killed at any point, with answers in any order", () => {
  test("a resumed read has the same result, and repeats no stored call", async () => {
    await fc.assert(
      fc.asyncProperty(organizations, kills, fc.scheduler(), async (organization, dieAfter, scheduler) => {
        const fake = makeDirectory(organization);
        const { hasDetails } = organization;
        const memory = memoryCheckpoint();
        const attempt = attemptOf({ fake, memory, hasDetails });
        const turn = () => scheduler.schedule(Promise.resolve());
        const { result, put, requests } = await scheduler.waitFor(
          readThrough(attempt, { kills: dieAfter, turn }),
        );

        const parents = [...result.departments].map(([id, { parentId }]) => [id, parentId]);
        expect(new Map(parents as [string, string | null][])).toEqual(fake.parents);
        const withDetails = [...result.departments.values()].filter(({ details }) => details !== null);
        expect(withDetails).toHaveLength(hasDetails ? fake.parents.size : 1);
        const places = [...fake.people].map(([userId, ids]) => [userId, [...ids].sort()]);
        expect(memory.places()).toEqual(Object.fromEntries(places));
        expect(result).toMatchObject({ incompleteFor: null, membersIncompleteFor: null, suspicion: null });

        for (const { departmentId } of put.lists) expect(requests).not.toContain(`list ${departmentId}`);
        for (const { departmentId } of put.details) expect(requests).not.toContain(`get ${departmentId}`);
        for (const [id, cursor] of put.members) {
          expect(requests).not.toContain(`members ${id}`);
          if (cursor === null) expect([...requests].join()).not.toContain(`members ${id} `);
        }
        expect(fake.requests.length).toBeLessThanOrEqual(
          (dieAfter.length + 1) * 40 + fake.parents.size * 3 + fake.people.size,
        );
      }),
      { numRuns: 150 },
    );
  });

  test("a resumed read makes each call once, except those under way at the kill", async () => {
    const organization = {
      parents: Array.from({ length: 40 }, (_, n) => n),
      people: Array.from({ length: 40 }, (_, n) => [n, n + 7]),
      isWhole: false,
      hasDetails: true,
    };
    for (const after of [1, 10, 40, 90]) {
      const fake = makeDirectory({
        ...organization,
        parents: organization.parents.map((n) => Math.floor(n / 3)),
      });
      const memory = memoryCheckpoint();
      const attempt = attemptOf({ fake, memory, hasDetails: true });
      await readThrough(attempt, { kills: [after], turn: () => memory.checkpoint.flush() });
      const again = fake.requests.length - new Set(fake.requests).size;
      // The scope, and a few in each of three queues
      expect(again, `killed after ${after}`).toBeLessThanOrEqual(1 + 15);
    }
  });

  test("a resumed read includes the members of an earlier worker in the limit", async () => {
    const fake = fakeDirectory({ 1: null, 2: "1" });
    for (const [userId, id] of Object.entries({ a: "1", b: "1", c: "2" })) fake.people.set(userId, [id]);
    const memory = memoryCheckpoint();
    fake.before = async (request) => {
      await memory.checkpoint.flush();
      if (request === "members 2") throw new Error("killed");
    };
    const options = { ...withMembers(memory), membersMax: 2 };
    await expect(readFake(fake, {}, options)).rejects.toThrow("killed");
    fake.before = () => undefined;
    await expect(readFake(fake, {}, options)).rejects.toMatchObject({ reason: { kind: "too_many_members" } });
  });

  test("a resumed read leads to no wrong removal and no missing department under random changes", async () => {
    await fc.assert(
      fc.asyncProperty(
        organizations,
        mutations,
        kills,
        fc.boolean(),
        fc.scheduler(),
        async (organization, changes, dieAfter, isFirst, scheduler) => {
          const fake = makeDirectory(organization);
          const stored = { ...Object.fromEntries(fake.parents), 900: "1" };
          const storedMembers = isFirst ? ["left"] : [...fake.people.keys(), "left"];
          const { hasDetails } = organization;
          const memory = memoryCheckpoint();
          const attempt = attemptOf({ fake, memory, stored, storedMembers, hasDetails });
          const touched = new Set<string>();
          const turn = (calls: number) => {
            for (const change of changes.filter(({ at }) => at === calls)) {
              for (const id of mutate(fake, change)) touched.add(id);
            }
            return scheduler.schedule(Promise.resolve());
          };
          const { result } = await scheduler.waitFor(readThrough(attempt, { kills: dieAfter, turn }));
          const { departments, gone, goneMembers, incompleteFor, membersIncompleteFor, suspicion } = result;

          for (const id of gone) expect(fake.parents.has(id), `${id} is there`).toBe(false);
          for (const id of goneMembers) expect(fake.people.has(id), `${id} is there`).toBe(false);
          if (incompleteFor !== null || suspicion !== null) return;
          expect(gone).toContain("900");
          expect(goneMembers).toContain("left");
          const stays = (id: string) => lineOf(fake.parents, id).every((each) => !touched.has(each));
          for (const id of fake.parents.keys()) if (stays(id)) expect(departments.has(id), id).toBe(true);
          expect(membersIncompleteFor).toBeNull();
          // Without stored members no lookup repairs a gap, so no member may be skipped
          const places = memory.places();
          for (const [userId, ids] of fake.people) {
            if (!touched.has(userId) && ids.every(stays))
              expect(places[userId], userId).toEqual([...ids].sort());
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
