import { beforeEach, describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { DingtalkError } from "@/lib/dingtalk/errors";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { type ClaimRequest, claimRow, releaseClaim } from "./claim";
import { readTokenRow, TOKEN_TABLE } from "./stored-token";
import { writeFailure } from "./write-token";

const NOW = Date.UTC(2026, 10, 27, 8);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const at = (offsetMs: number) => new Date(NOW + offsetMs);

let app: AppRef;
let seen: ClaimRequest["seen"];

beforeEach(async () => {
  app = await makeApp({ appKey: `ding${crypto.randomUUID()}`, appSecret: "claim-secret" });
  seen = await inOrganizationSql(app, (client) => readTokenRow(client, app));
});

const claim = (more: Partial<ClaimRequest> = {}, of: AppRef = app): Promise<boolean> => {
  const claimedAt = more.at ?? at(0);
  const request = {
    id: crypto.randomUUID(),
    at: claimedAt,
    until: at(10 * SECOND),
    isForced: false,
    attemptsMax: 6,
    countedFrom: new Date(claimedAt.getTime() - 10 * MINUTE),
    forceAfter: new Date(claimedAt.getTime() + 30 * SECOND),
    seen,
    ...more,
  };
  return inOrganizationSql(of, (client) => claimRow(client, TOKEN_TABLE, of, request));
};

describe("claimRow", () => {
  test("grants one of eight simultaneous claims", async () => {
    const claims = await Promise.all(Array.from({ length: 8 }, () => claim()));
    expect(claims.filter(Boolean)).toHaveLength(1);
  });

  test("refuses other claims until the first one expires", async () => {
    expect(await claim()).toBe(true);
    expect(await claim({ at: at(10 * SECOND - 1), until: at(20 * SECOND) })).toBe(false);
    expect(await claim({ at: at(10 * SECOND), until: at(20 * SECOND) })).toBe(true);
    expect(await claim({ at: at(10 * SECOND), until: at(20 * SECOND) })).toBe(false);
  });

  test("makes a new claim after its holder, and nobody else, released the last one", async () => {
    const id = crypto.randomUUID();
    await claim({ id });
    const stranger = { id: crypto.randomUUID(), at: at(0), isForced: false };
    await inOrganizationSql(app, (client) => releaseClaim(client, TOKEN_TABLE, app, stranger));
    expect(await claim({ at: at(1) })).toBe(false);
    await inOrganizationSql(app, (client) => releaseClaim(client, TOKEN_TABLE, app, { ...stranger, id }));
    expect(await claim({ at: at(1) })).toBe(true);
  });

  test("refuses a decision made on an older row", async () => {
    expect(await claim({ seen: { ...seen, version: seen.version + 1 } })).toBe(false);
    expect(await claim({ seen: { ...seen, obtainedAt: at(-MINUTE) } })).toBe(false);
    expect(await claim({ seen: { ...seen, lastErrorAt: at(-MINUTE) } })).toBe(false);
    const error = new DingtalkError({ kind: "timeout", api: "x", upstream: { host: "h" } });
    const failed = { error, renewAt: at(MINUTE), nowMs: NOW };
    await inOrganizationSql(app, (client) => writeFailure(client, TOKEN_TABLE, app, failed));
    expect(await claim(), "a renewal has failed since").toBe(false);
    expect(await claim({ seen: { ...seen, lastErrorAt: at(0) } })).toBe(true);
  });

  test("refuses a claim beyond the attempts of ten minutes, the edge included", async () => {
    for (const offsetMs of [0, MINUTE])
      expect(await claim({ at: at(offsetMs), until: at(offsetMs) })).toBe(true);
    const third = (offsetMs: number) => claim({ at: at(offsetMs), until: at(offsetMs), attemptsMax: 2 });
    expect(await third(10 * MINUTE)).toBe(false);
    expect(await third(10 * MINUTE + 1)).toBe(true);
  });

  test("refuses a second forced claim within 30 s, but not an unforced one", async () => {
    expect(await claim({ isForced: true, until: at(0) })).toBe(true);
    expect(await claim({ isForced: true, at: at(30 * SECOND - 1), until: at(0) })).toBe(false);
    expect(await claim({ at: at(SECOND), until: at(SECOND) })).toBe(true);
    expect(await claim({ isForced: true, at: at(30 * SECOND), until: at(0) })).toBe(true);
  });

  test("refuses a claim on an app of another organization", async () => {
    const stranger = { organizationId: (await makeOrganization()).organizationId, appId: app.appId };
    expect(await claim({}, stranger)).toBe(false);
    expect(await claim()).toBe(true);
  });
});
