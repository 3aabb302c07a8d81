import fc from "fast-check";
import { expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { AccessToken } from "@/lib/dingtalk/access-token";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { Redacted } from "@/lib/redacted";
import { makeApp } from "@/lib/testing/factories";
import type { RowClaim } from "../store/claim";
import { openToken, readTokenRow, sealToken, type TokenRow } from "../store/stored-token";
import { MemoryStore } from "../test-support/memory-store";
import { storedToken } from "../test-support/stored-token";
import { CLAIM_MS } from "./renewal-policy";
import { sqlTokenStore, type TokenStore } from "./token-store";
import { planRenewal, type RenewalDecision, type TokenPurpose } from "./use-or-renew";

const START = Date.UTC(2026, 0, 5);
const LIFE_MS = 7_200_000;
const PAIR = { appKey: "dingstore00000000001", appSecret: "store-test-secret" };

/** Decides to renew for any row, as a process would that read the row before another one changed it. */
const pressed = fc.record({
  for: fc.constant("whatever" as const),
  isForced: fc.boolean(),
  attemptsMax: fc.constantFrom(2, 6),
});
const purpose = fc.oneof(
  { weight: 3, arbitrary: pressed },
  { weight: 1, arbitrary: fc.constant<TokenPurpose>({ for: "lease" }) },
  { weight: 1, arbitrary: fc.constant<TokenPurpose>({ for: "schedule" }) },
  { weight: 1, arbitrary: fc.record({ for: fc.constant("forced" as const), version: fc.nat(3) }) },
);
const passesMs = fc.constantFrom(0, 16_000, 16_000, 31_000, 300_000, LIFE_MS);
/** Mostly the latest claim, and at times an ended one. */
const claim = fc.constantFrom(0, 0, 0, 1);
const event = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant("step" as const), purpose, passesMs }) },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant("answer" as const),
      claim,
      token: fc.constantFrom("one", "two"),
      passesMs,
    }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant("failure" as const), claim, passesMs }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant("release" as const), claim, passesMs }) },
);
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

function decisionOf(
  row: TokenRow,
  needed: (Event & { readonly does: "step" })["purpose"],
  nowMs: number,
): RenewalDecision {
  if (needed.for !== "whatever") return planRenewal(row, needed, nowMs);
  return { do: "renew", isForced: needed.isForced, attemptsMax: needed.attemptsMax };
}

/** Returns a row of either store for comparison, with the token in clear. */
const shown = ({ token, ...row }: TokenRow, renewingBy: string | null) => ({
  ...row,
  token: token?.reveal() ?? null,
  renewingBy,
});

/** One store and its claims, newest first. */
class Side<C extends RowClaim> {
  readonly #claims: C[] = [];
  readonly #store: TokenStore<C, AccessToken>;
  readonly #app: AppRef;

  constructor(store: TokenStore<C, AccessToken>, app: AppRef) {
    this.#store = store;
    this.#app = app;
  }

  async happen(one: Event, nowMs: number, id: string): Promise<unknown> {
    if (one.does === "step") {
      const claimed = { id, at: new Date(nowMs), until: new Date(nowMs + CLAIM_MS) };
      const choose = (row: TokenRow) => ({ decision: decisionOf(row, one.purpose, nowMs), claim: claimed });
      const { decision, claim } = await this.#store.readAndClaim(this.#app, { choose, reporter: null });
      if (claim) this.#claims.unshift(claim);
      return { does: decision.do, isClaimed: claim !== null };
    }
    const claim = this.#claims[one.claim];
    if (!claim) return null;
    if (one.does === "release") return this.#store.release(this.#app, claim);
    if (one.does === "answer") {
      const answer: AccessToken = {
        token: new Redacted(one.token),
        expiresAt: new Date(claim.at.getTime() + LIFE_MS),
        lifetimeSeconds: LIFE_MS / 1_000,
        source: "v1.0/oauth2/accessToken",
      };
      return this.#store.storeAnswer(this.#app, { claim, answer, time: { nowMs, random: 0.5 } });
    }
    const error = new DingtalkError({ kind: "temporary_fault", api: "x", upstream: { host: "h" } });
    return this.#store.storeFailure(this.#app, { claim, error, time: { nowMs, random: 0.5 } });
  }
}

test("MemoryStore and sqlTokenStore change their rows in the same way for any sequence of events", async () => {
  const host = "dingtalk.test";
  const whatever = fc.asyncProperty(
    fc.array(event, { minLength: 4, maxLength: 16, size: "max" }),
    async (events) => {
      const app = await makeApp(PAIR);
      const memory = new MemoryStore(
        () => {},
        async () => {},
      );
      const [inMemory, inDatabase] = [new Side(memory, app), new Side(sqlTokenStore(host), app)];
      await inOrganizationSql(app, (client) => readTokenRow(client, app));
      let nowMs = START;
      for (const one of events) {
        nowMs += one.passesMs;
        const id = crypto.randomUUID();
        expect(await inDatabase.happen(one, nowMs, id)).toEqual(await inMemory.happen(one, nowMs, id));
        const row = await inOrganizationSql(app, (client) => readTokenRow(client, app));
        const { renewing_by: renewingBy } = await storedToken(app);
        const { appState: _, ...inRow } = shown(row, renewingBy);
        const { appState: __, ...expected } = shown(memory.row, memory.row.renewingBy);
        expect(inRow).toEqual(expected);
      }
    },
  );
  await fc.assert(whatever, { numRuns: 25 });
});

test("S23 a sealed token that is copied to another app's or organization's row can't be opened", () => {
  const app: AppRef = { organizationId: crypto.randomUUID(), appId: crypto.randomUUID() };
  const sealed = sealToken(app, new Redacted("a token"));
  expect(openToken(app, sealed)?.reveal()).toBe("a token");
  expect(openToken({ ...app, appId: crypto.randomUUID() }, sealed)).toBeNull();
  expect(openToken({ ...app, organizationId: crypto.randomUUID() }, sealed)).toBeNull();
});
