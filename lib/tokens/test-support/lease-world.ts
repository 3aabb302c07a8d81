import type { Scheduler } from "fast-check";
import type { NoticeListener } from "@/lib/db/notifications";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { Redacted } from "@/lib/redacted";
import { SingleFlight } from "@/lib/single-flight";
import { CLAIM_MS } from "../renewal/renewal-policy";
import { type TokenService } from "../renewal/token-service";
import type { TokenStore } from "../renewal/token-store";
import type { RowClaim } from "../store/claim";
import { TokenMemory } from "../store/token-memory";
import { MemoryStore } from "./memory-store";
import { VirtualTime } from "./virtual-time";

export const APP = {
  organizationId: "018f0000-0000-7000-8000-000000000001",
  appId: "018f0000-0000-7000-8000-000000000002",
};

/** DingTalk's answer and its duration. */
export type Answering = {
  readonly how: "extends" | "gives what remains" | "gives a new one" | "fails";
  readonly tookMs: number;
  readonly lifeMs: number;
};

type Exchange = {
  readonly claimedMs: number;
  readonly askedMs: number;
  state: "under way" | "over" | "dead";
};
/** Ends the work of a killed process. */
export class Killed extends Error {}

type Life = { isAlive: boolean; hears: boolean; readonly exchanges: Set<Exchange> };
type Alive = <T>(work: () => Promise<T>) => Promise<T>;

export type Process = {
  service: TokenService<RowClaim, AccessToken>;
  kill(): void;
  setHearing(hears: boolean): void;
};

/**
 * Several processes that share one app's token, with one row, one DingTalk and one clock. The scheduler chooses the
 * order of events that may happen in any order. Violated invariants are detected where they occur and collected in
 * `wrong`.
 */
export class LeaseWorld {
  readonly time = new VirtualTime();
  readonly wrong: string[] = [];
  readonly exchanges: Exchange[] = [];
  readonly store: MemoryStore;
  answering: Answering = { how: "extends", tookMs: 100, lifeMs: 7_200_000 };
  /** Duration of the next call to the database. */
  slowMs = 0;
  #listeners = new Set<NoticeListener>();
  #token: { value: string; expiresAtMs: number } | null = null;
  #made = 0;
  readonly #scheduler: Scheduler;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.store = new MemoryStore(
      () => this.#announce(),
      () => this.#inAnyOrder("claim"),
    );
  }

  /** Runs everything that can run without time passing. */
  settle = async (): Promise<void> => {
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#scheduler.count() === 0) return;
      await this.#scheduler.waitOne();
    }
  };

  advance = (ms: number): Promise<void> => this.time.advance(ms, this.settle);

  #inAnyOrder = (label: string): Promise<void> => this.#scheduler.schedule(Promise.resolve(), label);

  #announce(): void {
    const { organizationId, appId: id } = APP;
    for (const listener of this.#listeners) {
      void this.#inAnyOrder("notice").then(() => {
        if (this.#listeners.has(listener)) listener.onNotice({ kind: "token", organizationId, id });
      });
    }
  }

  startProcess(): Process {
    const life: Life = { isAlive: true, hears: false, exchanges: new Set() };
    let listener: NoticeListener | undefined;
    const hearing = {
      subscribe: (_kind: string, received: NoticeListener) => {
        listener = received;
      },
      isListening: () => life.hears,
    };
    const memory = new TokenMemory("token", hearing, this.time.now);
    const setHearing = (hears: boolean) => {
      if (!listener || life.hears === hears) return;
      life.hears = hears;
      if (!hears) return void this.#listeners.delete(listener);
      this.#listeners.add(listener);
      listener.onStale();
    };
    setHearing(true);
    const alive: Alive = async (work) => {
      if (!life.isAlive) throw new Killed();
      return work();
    };
    const service: TokenService<RowClaim, AccessToken> = {
      store: this.#storeOf(alive),
      exchange: (_app, claim) => this.#exchange(claim, life, alive),
      upstream: { api: "v1.0/oauth2/accessToken", host: "dingtalk.test" },
      memory,
      singleFlight: new SingleFlight(35_000),
      now: this.time.now,
      random: () => 0.5,
      pause: (ms, signal) => this.time.pause(ms, signal).then(() => alive(async () => {})),
    };
    const kill = () => {
      life.isAlive = false;
      for (const exchange of life.exchanges) exchange.state = "dead";
      setHearing(false);
    };
    return { service, kill, setHearing };
  }

  #storeOf(alive: Alive): TokenStore<RowClaim, AccessToken> {
    const asked = async <T>(label: string, work: () => Promise<T>): Promise<T> => {
      const slowMs = this.slowMs;
      this.slowMs = 0;
      if (slowMs > 0) await this.time.pause(slowMs);
      await this.#inAnyOrder(label);
      const answer = await alive(() => this.#watched(work));
      await this.#inAnyOrder(`${label}, answered`);
      return alive(async () => answer);
    };
    const { store } = this;
    return {
      readAndClaim: (app, step) => asked("claim", () => store.readAndClaim(app, step)),
      storeAnswer: (app, outcome) => asked("store", () => store.storeAnswer(app, outcome)),
      storeFailure: (app, outcome) => asked("store failure", () => store.storeFailure(app, outcome)),
      release: (app, claim) => asked("release", () => store.release(app, claim)),
      schedule: (app, at) => asked("schedule", () => store.schedule(app, at)),
    };
  }

  /** Checks the invariants of a change of the row. */
  async #watched<T>(work: () => Promise<T>): Promise<T> {
    const before = this.store.row;
    const value = await work();
    const after = this.store.row;
    if (after.obtainedAt === before.obtainedAt) {
      if (after.version !== before.version) this.wrong.push("the version rose without a token");
      return value;
    }
    // Allows equal times: an exchange may take no time here, so two may happen within one millisecond.
    if (before.obtainedAt && after.obtainedAt && after.obtainedAt < before.obtainedAt) {
      this.wrong.push("an older token over a newer one");
    }
    const isAnother = before.token?.reveal() !== after.token?.reveal();
    const movedMs = (after.expiresAt?.getTime() ?? 0) - (before.expiresAt?.getTime() ?? 0);
    const sinceMs = (after.obtainedAt?.getTime() ?? 0) - (before.obtainedAt?.getTime() ?? 0);
    const hasMoved = movedMs > 0 && movedMs >= Math.min(60_000, sinceMs / 2);
    const rose = after.version - before.version;
    if (rose !== (isAnother || hasMoved ? 1 : 0)) this.wrong.push(`the version rose by ${rose}`);
    return value;
  }

  async #exchange(claim: RowClaim, life: Life, alive: Alive): Promise<AccessToken> {
    const { how, tookMs, lifeMs } = this.answering;
    const askedMs = this.time.now();
    const exchange: Exchange = { claimedMs: claim.at.getTime(), askedMs, state: "under way" };
    this.#watchBegin(exchange);
    life.exchanges.add(exchange);
    await this.time.pause(tookMs);
    await this.#inAnyOrder("answer");
    life.exchanges.delete(exchange);
    await alive(async () => {});
    exchange.state = "over";
    if (how === "fails") {
      throw new DingtalkError({ kind: "temporary_fault", api: "x", upstream: { host: "dingtalk.test" } });
    }
    return this.#give(how, exchange.askedMs, lifeMs);
  }

  #watchBegin(exchange: Exchange): void {
    const { claimedMs } = exchange;
    const holds = ({ state, claimedMs: atMs }: Exchange) =>
      state === "under way" || (state === "dead" && claimedMs < atMs + CLAIM_MS);
    if (this.exchanges.some(holds)) this.wrong.push("two exchanges at once");
    this.exchanges.push(exchange);
    const recent = this.exchanges.filter((other) => claimedMs - other.claimedMs <= 600_000);
    const { obtainedAt, expiresAt, changedAt, notExtendedUntil } = this.store.row;
    const begunAt = notExtendedUntil ? changedAt : obtainedAt;
    const lifeMs = begunAt && expiresAt ? expiresAt.getTime() - begunAt.getTime() : 7_200_000;
    const most = Math.min(60, Math.ceil(1_200_000 / lifeMs) + 5);
    if (recent.length > most) this.wrong.push(`${recent.length} exchanges in ten minutes`);
  }

  #give(how: Exclude<Answering["how"], "fails">, askedMs: number, lifeMs: number): AccessToken {
    const nowMs = this.time.now();
    if (!this.#token || this.#token.expiresAtMs <= nowMs || how === "gives a new one") {
      this.#made += 1;
      this.#token = { value: `token ${this.#made}`, expiresAtMs: nowMs + lifeMs };
    } else if (how === "extends") {
      this.#token.expiresAtMs = nowMs + lifeMs;
    }
    const { value, expiresAtMs } = this.#token;
    const lifetimeSeconds = (expiresAtMs - nowMs) / 1_000;
    const expiresAt = new Date(askedMs + lifetimeSeconds * 1_000);
    return { token: new Redacted(value), expiresAt, lifetimeSeconds, source: "v1.0/oauth2/accessToken" };
  }
}
