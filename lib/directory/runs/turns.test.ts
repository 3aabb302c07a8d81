import { describe, expect, test } from "vitest";
import { queueRank } from "./queue";
import { type ActiveJob, holderOf, mustGiveBack, type Turn, turnFor, turnLimits } from "./turns";

const job = (id: string, rank: number, rest: Partial<ActiveJob> = {}): ActiveJob => ({
  id,
  attempt: 0,
  organizationId: `organization of ${id}`,
  rank,
  queuedAt: rank,
  ...rest,
});
const turns = (...holders: (ActiveJob | null)[]): Turn[] =>
  holders.map((holder, index) => ({
    key: `turn:${index}`,
    holder: holder && holderOf(holder),
    isGivenBack: false,
  }));
const turn = (mine: ActiveJob, active: ActiveJob[], all: Turn[], perOrganization = 10) =>
  turnFor(mine, active, all, perOrganization);

describe("turnFor", () => {
  const [a, b, c] = [job("a", 1), job("b", 2), job("c", 3)];

  test("gives a free turn, and the same turn again to the job that has it", () => {
    expect(turn(a, [a], turns(null))).toBe("turn:0");
    expect(turn(a, [a, b], turns(b, a))).toBe("turn:1");
  });

  test("lets a job wait while all turns are taken", () => {
    expect(turn(c, [a, b, c], turns(a, b))).toBeNull();
  });

  test("gives free turns in the order of ranks, whenever each job was queued", () => {
    const late = job("late", 0, { queuedAt: 99 });
    expect(turn(c, [a, b, c], turns(a, null))).toBeNull();
    expect(turn(b, [a, b, c], turns(a, null))).toBe("turn:1");
    expect(turn(c, [a, b, c], turns(null, null, null))).toBe("turn:2");
    expect([turn(late, [b, late], turns(a)), turn(b, [b, late], turns(a))]).toEqual(["turn:0", null]);
  });

  test("gives the turn to the job that was queued first when ranks are equal, and tells ties apart", () => {
    const [first, second] = [job("z", 1, { queuedAt: 1 }), job("a", 1, { queuedAt: 2 })];
    expect([turn(first, [second, first], turns(null)), turn(second, [second, first], turns(null))]).toEqual([
      "turn:0",
      null,
    ]);
    const [x, y] = [job("x", 1), job("y", 1)];
    expect([turn(x, [y, x], turns(null)), turn(y, [y, x], turns(null))]).toEqual(["turn:0", null]);
  });

  test("frees the turn of a job without a worker, and of an earlier attempt", () => {
    expect(turn(b, [b], turns(a))).toBe("turn:0");
    const again = job("a", 1, { attempt: 1 });
    expect(turn(again, [again], turns(a))).toBe("turn:0");
    expect(turn(b, [again, b], turns(a))).toBeNull();
  });

  test("gives no turn to a job that is not active", () => {
    expect(turn(a, [b], turns(null, null))).toBeNull();
  });

  test("skips the jobs of an organization that has all the turns it may have", () => {
    const [one, two, three] = [1, 2, 3].map((rank) => job(`o${rank}`, rank, { organizationId: "o" }));
    const other = job("other", 9);
    if (!one || !two || !three) throw new Error("no jobs");
    const active = [one, two, three, other];

    expect(turn(three, active, turns(one, two, null, null), 2)).toBeNull();
    expect(turn(other, active, turns(one, two, null, null), 2)).toBe("turn:2");
    // The organization's next job gets a turn as soon as one ends
    expect(turn(three, [two, three, other], turns(one, two, null, null), 2)).toBe("turn:0");
  });
});

describe("mustGiveBack", () => {
  const jobsOf = (organizationId: string, count: number) =>
    Array.from({ length: count }, (_, index) => job(`${organizationId}${index}`, index, { organizationId }));
  const [fives, fours, late] = [jobsOf("five", 5), jobsOf("four", 4), job("late", 9)];
  const [five, four] = [fives[0] ?? late, fours[0] ?? late];
  const running = [...fives, ...fours];
  const all = turns(...running);

  test("takes a turn from the organization with the most turns while another organization waits without one", () => {
    for (const others of [
      { active: running, queued: [late.organizationId] },
      { active: [...running, late], queued: [] },
    ]) {
      expect(mustGiveBack(five, { ...others, turns: all })).toBe(true);
      expect(mustGiveBack(four, { ...others, turns: all }), "it has fewer").toBe(false);
      expect(mustGiveBack(five, { ...others, turns: [...all, ...turns(null)] }), "one is free").toBe(false);
    }
  });

  test("takes no second turn while one is being given back, and frees that turn when its job has ended", () => {
    const waiting = { active: [...running, late], queued: [] };
    const givenBack = all.map((each) => ({ ...each, isGivenBack: each.holder === holderOf(five) }));
    expect(mustGiveBack(fives[1] ?? late, { ...waiting, turns: givenBack })).toBe(false);
    expect(mustGiveBack(five, { ...waiting, turns: givenBack })).toBe(false);
    expect(turn(late, waiting.active, givenBack), "nobody else has it before its job has ended").toBeNull();
  });

  test("rotates organizations with one turn each, and lets an organization with two turns fewer catch up", () => {
    const [one] = jobsOf("one", 1);
    if (!one) throw new Error("no job");
    const of = (mine: ActiveJob, active: ActiveJob[], queued: string[]) =>
      mustGiveBack(mine, { active, queued, turns: turns(...active) });
    expect(of(one, [one], ["none"])).toBe(true);
    expect(of(five, [...fives, ...jobsOf("three", 3)], ["three"])).toBe(true);
    expect(of(five, running, ["four"])).toBe(false);
    expect(of(five, running, ["five"]), "its own next job waits").toBe(false);
    expect(mustGiveBack(five, { active: running, queued: [null], turns: all })).toBe(false);
  });
});

describe("turnLimits", () => {
  test("leaves half of the turns to other organizations, and at least one to each", () => {
    expect([1, 2, 3, 4, 10].map((turnsMax) => turnLimits(turnsMax).perOrganization)).toEqual([1, 1, 2, 2, 5]);
  });
});

describe("queueRank", () => {
  test("ranks start at 0 and follow the last job of the same organization or AppKey", () => {
    expect(queueRank({ active: null, waiting: null, same: null })).toBe(0);
    expect(queueRank({ active: 0, waiting: 1, same: 1 })).toBe(2);
  });

  test("puts another organization's first job before the jobs that wait behind the one that runs", () => {
    // An organization queued ten: ranks 0 to 9, and the one with rank 3 runs
    expect(queueRank({ active: 3, waiting: 4, same: null })).toBe(3);
    // All turns are free, and the other jobs may have none
    expect(queueRank({ active: null, waiting: 4, same: null })).toBe(4);
  });

  test("gives an organization no credit for the time in which it queued nothing", () => {
    expect(queueRank({ active: 500, waiting: 501, same: 2 })).toBe(500);
  });
});
