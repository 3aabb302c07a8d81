import fc from "fast-check";
import { expect, test } from "vitest";
import { currentToken, ensureToken, requestToken } from "../renewal/ensure-token";
import { attemptLimits, LEASE_MS_MIN, nextAllowedMs, RENEWAL_MS_MAX } from "../renewal/renewal-policy";
import { type Answering, APP, LeaseWorld, type Process } from "../test-support/lease-world";
import { type Lease, takeLease } from "./read-lease";

const PROCESSES = 3;
const MINUTE = 60_000;
const LIFE_MS_MAX = 120 * MINUTE;

const at = fc.nat(PROCESSES - 1);
const answering: fc.Arbitrary<Answering> = fc.record({
  how: fc.constantFrom("extends", "gives what remains", "gives a new one", "fails"),
  tookMs: fc.oneof(fc.constant(100), fc.integer({ min: 0, max: RENEWAL_MS_MAX })),
  lifeMs: fc.constantFrom(LIFE_MS_MAX, LIFE_MS_MAX, 12 * MINUTE, 4 * MINUTE, 1_000),
});
const eventWithin = (passesMsMax: number) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ does: fc.constant("reads" as const), process: at }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant("calls" as const), process: at }) },
    { weight: 2, arbitrary: fc.record({ does: fc.constant("replaces" as const), process: at }) },
    {
      weight: 3,
      arbitrary: fc.record({ does: fc.constant("refuses" as const), process: at, ago: fc.nat(1) }),
    },
    { weight: 1, arbitrary: fc.record({ does: fc.constant("is due" as const), process: at }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant("dies" as const), process: at }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant("goes deaf" as const), process: at }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant("hears again" as const), process: at }) },
    {
      weight: 1,
      arbitrary: fc.record({
        does: fc.constant("has a slow database" as const),
        slowMs: fc.integer({ min: 0, max: 20_000 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ does: fc.constant("answers" as const), answering }) },
    { weight: 6, arbitrary: fc.record({ does: fc.constant("passes" as const), ms: fc.nat(passesMsMax) }) },
  );
type Event = ReturnType<typeof eventWithin> extends fc.Arbitrary<infer T> ? T : never;
/** Some runs have many events in a short time, and some have many expired tokens. */
const events = fc
  .constantFrom(3_000, MINUTE, MINUTE, 15 * MINUTE, LIFE_MS_MAX + 15 * MINUTE)
  .chain((passesMsMax) => fc.array(eventWithin(passesMsMax), { minLength: 5, maxLength: 60, size: "max" }));

const { signal } = new AbortController();

class Run {
  readonly world: LeaseWorld;
  readonly processes: Process[];
  /** Unanswered requests by process. */
  readonly waiting = new Map<Promise<void>, Process>();

  constructor(scheduler: fc.Scheduler) {
    this.world = new LeaseWorld(scheduler);
    this.processes = Array.from({ length: PROCESSES }, () => this.world.startProcess());
  }

  #wait(process: Process, asked: Promise<{ readonly expiresAt: Date } | null>): void {
    const { wrong, time } = this.world;
    const waited: Promise<void> = asked
      .then(
        (given) => {
          if (given && given.expiresAt.getTime() <= time.now()) wrong.push("an expired token was given out");
        },
        () => {},
      )
      .finally(() => this.waiting.delete(waited));
    this.waiting.set(waited, process);
  }

  #read(process: Process): void {
    const lease = takeLease(process.service, APP, undefined);
    this.#wait(
      process,
      lease.then((given) => {
        this.#watchLife(given);
        return given;
      }),
    );
  }

  /** Checks that no lease has less than five minutes of life if a renewal was possible. */
  #watchLife({ expiresAt, version }: Lease): void {
    const nowMs = this.world.time.now();
    const { row } = this.world.store;
    if (expiresAt.getTime() - nowMs >= LEASE_MS_MIN || row.version !== version) return;
    const allowedMs = nextAllowedMs(row.attemptedAt, nowMs, attemptLimits(row).all);
    const dueMs = Math.max(row.renewAt?.getTime() ?? 0, row.notExtendedUntil?.getTime() ?? 0, allowedMs);
    if (dueMs <= nowMs)
      this.world.wrong.push("a lease of less than five minutes although a renewal was possible");
  }

  /** Checks that no listening process remembers an outdated token once all notices have arrived. */
  #watchMemory(): void {
    const { row } = this.world.store;
    for (const { service } of this.processes) {
      const remembered = service.memory.find(APP, this.world.time.now());
      if (
        remembered &&
        (remembered.version !== row.version || remembered.token.reveal() !== row.token?.reveal())
      )
        this.world.wrong.push("an outdated token is remembered");
    }
  }

  async happen(one: Event): Promise<void> {
    const { world } = this;
    if (one.does === "passes") {
      await world.advance(one.ms);
      return this.#watchMemory();
    }
    if (one.does === "answers") world.answering = one.answering;
    if (one.does === "has a slow database") world.slowMs = one.slowMs;
    if (!("process" in one)) return;
    const chosen = this.processes[one.process] as Process;
    const { service } = chosen;
    const { row } = world.store;
    switch (one.does) {
      case "reads":
        return this.#read(chosen);
      case "calls":
        return this.#wait(chosen, currentToken(service, APP, signal));
      case "replaces": {
        if (!row.token) return;
        const purpose = { for: "replacement", dead: row.token } as const;
        return this.#wait(chosen, requestToken(service, APP, { purpose, key: row.token.reveal(), signal }));
      }
      case "refuses": {
        const version = row.version - one.ago;
        const purpose = { for: "forced", version } as const;
        return this.#wait(chosen, requestToken(service, APP, { purpose, key: `refused ${version}`, signal }));
      }
      case "is due":
        return this.#wait(chosen, ensureToken(service, APP, { for: "schedule" }, signal));
      case "dies":
        chosen.kill();
        this.processes[one.process] = world.startProcess();
        return;
      case "goes deaf":
        return chosen.setHearing(false);
      case "hears again":
        return chosen.setHearing(true);
    }
  }

  /** Ends all faults and checks that every request is answered. */
  async end(): Promise<void> {
    const { world, processes } = this;
    world.answering = { how: "gives a new one", tookMs: 100, lifeMs: LIFE_MS_MAX };
    for (const one of processes) one.setHearing(true);
    await world.advance(20_000 + MINUTE);
    const still = [...this.waiting.values()].filter((one) => processes.includes(one));
    if (still.length > 0) world.wrong.push(`${still.length} requests never ended`);
    await world.advance(LIFE_MS_MAX + 15 * MINUTE);
    const leases = processes.map((one) => takeLease(one.service, APP, undefined));
    await world.advance(MINUTE);
    const given = await Promise.all(leases);
    const now = world.time.now();
    if (given.some(({ expiresAt }) => expiresAt.getTime() - now + MINUTE < LEASE_MS_MIN)) {
      world.wrong.push("a lease of less than five minutes although DingTalk gives more");
    }
    if (new Set(given.map(({ version }) => version)).size > 1) world.wrong.push("two tokens at once");
  }
}

const { LEASE_SEED: seed, LEASE_RUNS: runs = "200" } = globalThis.process.env;

test("leases stay valid and fresh for any order of events in processes, DingTalk, the database and the clock", {
  timeout: 60_000,
}, async () => {
  const whatever = fc.asyncProperty(fc.scheduler(), events, async (scheduler, happening) => {
    const run = new Run(scheduler);
    for (const one of happening) await run.happen(one);
    await run.end();
    expect(run.world.wrong).toEqual([]);
  });
  await fc.assert(whatever, { numRuns: Number(runs), ...(seed && { seed: Number(seed) }) });
});
