import { v7 as newId } from "uuid";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { pool } from "@/lib/db/connection-pools";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeApp } from "@/lib/testing/factories";
import { countRead, writeReads } from "./read-counts";

const HOUR = 60 * 60_000;
const START = Date.UTC(2026, 10, 27, 8);
const pair = { appKey: "dingreads00000000000", appSecret: "reads-secret" };

const rowsOf = ({ organizationId, appId }: AppRef) =>
  inOrganization({ organizationId }, (tx) =>
    tx.tokenReadHour.findMany({
      where: { organizationId, appId },
      select: { keyId: true, hour: true, reads: true },
      orderBy: [{ hour: "asc" }, { reads: "asc" }],
    }),
  );

describe("countRead and writeReads", () => {
  test("counts reads by hour and key, and adds to the stored counts", async () => {
    const app = await makeApp(pair);
    const [erp, crm] = [newId(), newId()];
    for (const atMs of [START, START + HOUR - 1, START + HOUR]) countRead(app, erp, atMs);
    countRead(app, crm, START);
    await writeReads();
    countRead(app, erp, START + 5);
    await writeReads();

    expect(await rowsOf(app)).toEqual([
      { keyId: crm, hour: new Date(START), reads: 1 },
      { keyId: erp, hour: new Date(START), reads: 3 },
      { keyId: erp, hour: new Date(START + HOUR), reads: 1 },
    ]);
  });

  test("writes the counts of many organizations with one statement", async () => {
    const apps = await Promise.all([1, 2, 3].map(() => makeApp(pair)));
    const key = newId();
    for (const app of apps) countRead(app, key, START);
    const asked = vi.spyOn(pool(), "query");
    onTestFinished(() => asked.mockRestore());
    await writeReads();
    expect(asked).toHaveBeenCalledOnce();

    for (const app of apps) {
      expect(await rowsOf(app)).toEqual([{ keyId: key, hour: new Date(START), reads: 1 }]);
    }
  });

  test("keeps counts for the next write after a failed one", async () => {
    const app = await makeApp(pair);
    const key = newId();
    countRead(app, key, START);
    vi.spyOn(pool(), "query").mockRejectedValueOnce(new Error("away"));
    await writeReads();
    expect(await rowsOf(app)).toEqual([]);
    countRead(app, key, START);
    await writeReads();
    expect(await rowsOf(app)).toMatchObject([{ reads: 2 }]);
  });

  test("drops the counts of a deleted app and writes those of the other apps", async () => {
    const app = await makeApp(pair);
    const gone = { ...app, appId: newId() };
    countRead(gone, newId(), START);
    countRead(app, newId(), START);
    await writeReads();

    expect(await rowsOf(app)).toHaveLength(1);
    expect(await rowsOf(gone)).toEqual([]);
  });

  test("ignores counts for an app of another organization", async () => {
    const [mine, theirs] = [await makeApp(pair), await makeApp(pair)];
    countRead({ ...theirs, organizationId: mine.organizationId }, newId(), START);
    await writeReads();

    expect(await rowsOf(theirs)).toEqual([]);
    expect(await rowsOf({ ...theirs, organizationId: mine.organizationId })).toEqual([]);
  });
});
