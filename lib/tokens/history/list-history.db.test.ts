import { v7 as newId } from "uuid";
import { describe, expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeApp, makeOrganization, type TestOrganization } from "@/lib/testing/factories";
import { countRead, listReads, writeReads } from "./read-counts";
import { listTokenEvents } from "./token-events";

const HOUR = 60 * 60_000;
const NOW = Date.UTC(2026, 10, 27, 8);
const pair = () => ({ appKey: `ding${crypto.randomUUID()}`, appSecret: "timeline-secret" });

const tokenReader = ({ owner }: TestOrganization) => grant(owner, "app.read");

async function makeKey({ organizationId }: TestOrganization, name: string): Promise<string> {
  const id = newId();
  await inOrganization({ organizationId }, (tx) =>
    tx.apiKey.create({
      data: {
        organizationId,
        id,
        name,
        keyHash: Buffer.from(crypto.randomUUID()),
        keyTail: "tail",
        isForAllApps: true,
        requestsPerMinute: 60,
      },
    }),
  );
  return id;
}

async function makeRead() {
  const organization = await makeOrganization();
  const app = await makeApp(pair(), { organizationId: organization.organizationId });
  const erp = await makeKey(organization, "erp");
  const at = (hoursAgo: number) => new Date(NOW - hoursAgo * HOUR);
  await inOrganization(app, (tx) =>
    tx.tokenEvent.createMany({
      data: [
        { ...app, id: newId(), at: at(3), kind: "obtained", version: 1, tookMs: 210 },
        { ...app, id: newId(), at: at(2), kind: "invalidated", version: 1, keyId: erp },
        { ...app, id: newId(), at: at(1), kind: "renewed", version: 2 },
      ],
    }),
  );
  for (const hoursAgo of [30, 2, 2, 1]) countRead(app, erp, at(hoursAgo).getTime());
  await writeReads();
  return { organization, app, at };
}

describe("listTokenEvents and listReads", () => {
  test("lists events newest first, with the name of the reporting API key", async () => {
    const { organization, app } = await makeRead();

    expect(await listTokenEvents(tokenReader(organization), app.appId)).toMatchObject([
      { kind: "renewed", version: 2, keyName: null, tookMs: null },
      { kind: "invalidated", keyName: "erp" },
      { kind: "obtained", version: 1, tookMs: 210 },
    ]);
  });

  test("lists the reads of each key by hour since the given time", async () => {
    const { organization, app, at } = await makeRead();
    const reads = await listReads(tokenReader(organization), app.appId, at(24));

    expect(reads).toMatchObject([
      { keyName: "erp", hour: at(2), reads: 2 },
      { keyName: "erp", hour: at(1), reads: 1 },
    ]);
  });

  test("S12 returns nothing for an app of another organization, and throws for a malformed id", async () => {
    const { app, at } = await makeRead();
    const attacker = tokenReader(await makeOrganization());

    expect(await listTokenEvents(attacker, app.appId)).toEqual([]);
    expect(await listReads(attacker, app.appId, at(100))).toEqual([]);
    expect(() => listTokenEvents(attacker, "no-id")).toThrow("no such app");
    expect(() => listReads(attacker, "no-id", at(100))).toThrow("no such app");
  });
});
