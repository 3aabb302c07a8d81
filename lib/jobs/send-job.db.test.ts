import { describe, expect, test } from "vitest";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { makeOrganization } from "@/lib/testing/factories";
import { removeWaitingJobs, sendJob } from "./send-job";
import { openAdmin, storedJobs } from "./test-support/stored-jobs";

const admin = openAdmin();
const makeData = () => ({ organizationId: crypto.randomUUID(), appId: crypto.randomUUID() });
const keyOf = ({ organizationId, appId }: ReturnType<typeof makeData>) => `${organizationId}/${appId}`;
const jobsOf = (data: ReturnType<typeof makeData>) => storedJobs(admin, "token.renew", keyOf(data));

describe("S18 sendJob with data that the queue's schema doesn't name", () => {
  test.each([
    ["an additional key", { name: "财务部" }],
    ["text instead of an id", { appId: "财务部" }],
    ["a missing id", { appId: undefined }],
  ])("throws for data with %s", async (_, wrong) => {
    const data = { ...makeData(), ...wrong } as ReturnType<typeof makeData>;

    await expect(sendJob("token.renew", data, { singletonKey: "wrong" })).rejects.toThrow();
    expect(await storedJobs(admin, "token.renew", "wrong")).toEqual([]);
  });
});

describe("jobs sent in a unit of work", () => {
  test("sends the job when either form of the unit of work commits, and not when it rolls back", async () => {
    const scope = await makeOrganization();
    const [kept, lost, keptSql, lostSql] = [makeData(), makeData(), makeData(), makeData()];
    const takenBack = new Error("taken back");
    const send = (data: ReturnType<typeof makeData>, tx: object) =>
      sendJob("token.renew", data, { tx: tx as never, singletonKey: keyOf(data) });
    await inOrganization(scope, (tx) => send(kept, tx));
    await inOrganizationSql(scope, (client) => send(keptSql, client));
    const failing = inOrganization(scope, async (tx) => {
      await send(lost, tx);
      throw takenBack;
    });
    await expect(failing).rejects.toBe(takenBack);
    const failingSql = inOrganizationSql(scope, async (client) => {
      await send(lostSql, client);
      throw takenBack;
    });
    await expect(failingSql).rejects.toBe(takenBack);

    expect(await jobsOf(kept)).toMatchObject([{ state: "created", data: kept }]);
    expect(await jobsOf(keptSql)).toMatchObject([{ state: "created", data: keptSql }]);
    expect(await jobsOf(lost)).toEqual([]);
    expect(await jobsOf(lostSql)).toEqual([]);
  });
});

describe("jobs with a key", () => {
  const [soon, later] = [new Date("2026-12-01T08:00:00Z"), new Date("2026-12-01T09:00:00Z")];

  test("does not send a second job with the key of a waiting one", async () => {
    const data = makeData();
    const options = { singletonKey: keyOf(data), startAfter: soon };

    expect(await sendJob("token.renew", data, options)).toBe(true);
    expect(await sendJob("token.renew", data, { ...options, startAfter: later })).toBe(false);
    expect(await jobsOf(data)).toMatchObject([{ start_after: soon }]);
  });

  test.each([
    ["later", soon, later],
    ["earlier", later, soon],
  ])("moves the job to a time that is %s when another one replaces it", async (_, before, after) => {
    const data = makeData();
    const options = { singletonKey: keyOf(data), replaces: true };
    await sendJob("token.renew", data, { ...options, startAfter: before });
    await sendJob("token.renew", data, { ...options, startAfter: after });

    expect(await jobsOf(data)).toMatchObject([{ start_after: after }]);
  });

  test("removes a job by its key, without the jobs of other keys", async () => {
    const [gone, stays] = [makeData(), makeData()];
    for (const data of [gone, stays]) await sendJob("token.renew", data, { singletonKey: keyOf(data) });
    const scope = { organizationId: gone.organizationId };
    await inOrganization(scope, (tx) => removeWaitingJobs(tx, "token.renew", keyOf(gone)));

    expect(await jobsOf(gone)).toEqual([]);
    expect(await jobsOf(stays)).toHaveLength(1);
  });
});
