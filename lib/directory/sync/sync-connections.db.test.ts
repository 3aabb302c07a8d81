import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startWorker } from "@/lib/jobs/worker";
import {
  connectApp,
  makeOrganization,
  openDingtalk,
  queueSync,
  readRun,
  treeOf,
  truthOf,
} from "@/lib/testing/directory-sync";
import { callerOf } from "@/lib/tokens/dingtalk-caller";
import { closeUpstream, ourDingtalk } from "@/lib/upstream/dingtalk-connections";
import type { Simulator } from "@/simulator/start-simulator";
import { syncJob } from "./job-handler";

afterAll(closeUpstream);

type Whose = NonNullable<NonNullable<Parameters<typeof ourDingtalk>[1]>["connections"]>;

let dingtalk: Simulator;
beforeAll(async () => {
  dingtalk = await openDingtalk(3);
  Object.assign(process.env, { DINGTALK_OAPI_URL: dingtalk.url, DINGTALK_API_URL: dingtalk.url });
  dingtalk.control.addFault({ path: "gettoken", fault: { kind: "hang" } });
});
beforeEach(() => dingtalk.control.clearCalls());

const ask = (connections: Whose, path: string, signal?: AbortSignal) =>
  ourDingtalk(() => {}, { connections }).dispatcher.request({
    origin: dingtalk.url,
    path,
    method: "GET",
    ...(signal && { signal }),
  });

/** Occupies connections with calls that get no answer, while `work` runs. */
async function whileHeld(connections: Whose, times: number, work: () => Promise<void>): Promise<void> {
  const end = new AbortController();
  const held = Array.from({ length: times }, () => ask(connections, "/gettoken", end.signal));
  const ended = Promise.allSettled(held);
  try {
    await expect.poll(() => dingtalk.control.readCalls({ path: "gettoken" }).total).toBe(times);
    await work();
  } finally {
    end.abort();
    await ended;
  }
}

describe("connections to a DingTalk that doesn't answer", () => {
  const others = { own: 50, services: 400, syncs: 400, tests: 64 } as const;
  test.each(Object.entries(others) as [Whose, number][])(
    "calls of kind %j leave a connection to every other kind of call while %i are open",
    async (held, times) => {
      const free = (Object.keys(others) as Whose[]).filter((whose) => whose !== held);
      await whileHeld(held, times, async () => {
        for (const whose of free) {
          const { statusCode, body } = await ask(whose, "/unknown");
          await body.dump();
          expect(statusCode, whose).toBe(200);
        }
      });
    },
  );

  test("a sync gets connections while 50 other calls of this server are open", async () => {
    const organization = await makeOrganization();
    const app = await connectApp(organization);
    // The token is renewed over the connections that are occupied below
    await (await callerOf(app, app.appId)).token.current();
    const worker = await startWorker({ sync: { handle: syncJob, concurrency: 1 } });
    await whileHeld("own", 50, async () => {
      const run = await queueSync(organization, app);
      await expect.poll(() => readRun(run)).toMatchObject({ state: "succeeded" });
      expect(await treeOf(app)).toEqual(truthOf(dingtalk));
    });
    await worker.stop();
  });
});
