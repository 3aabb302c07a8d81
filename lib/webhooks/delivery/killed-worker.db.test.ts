import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { openAdmin } from "@/lib/jobs/test-support/stored-jobs";
import { startWorker } from "@/lib/jobs/worker";
import { bundleProgram, spawnProgram } from "@/lib/testing/program";
import { makeWorld, recordRenames } from "../test-support/test-endpoint";
import { deliverWebhookJob } from "./deliver-job";

beforeAll(() => {
  process.env.WEBHOOK_ALLOW_PRIVATE = "1";
});

const admin = openAdmin();
const EVENTS = 30;

/** Starts a receiver that answers the first requests, and no further one until it is told to. */
async function startReceiver(answeredFirst: number) {
  const ids: string[] = [];
  const waiting = Promise.withResolvers<void>();
  let left = answeredFirst;
  const receive = (request: IncomingMessage) => ids.push(String(request.headers["webhook-id"]));
  const server = createServer((request, response) => {
    receive(request);
    request.resume();
    if (left > 0) response.end();
    else waiting.resolve();
    left -= 1;
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`,
    ids,
    waiting: waiting.promise,
    answerAll: () => {
      left = Number.POSITIVE_INFINITY;
    },
  };
}

test("events reach the receiver at least once after their worker was killed between deliveries", async () => {
  const receiver = await startReceiver(12);
  const world = await makeWorld({ url: receiver.url, isOrdered: true });
  const users = Array.from({ length: EVENTS }, (_, index) => `u${index}`);
  await recordRenames(world.app, users);
  const path = await bundleProgram({ file: "server/worker.ts" });
  const program = spawnProgram(path, {
    env: { LOG_LEVEL: "info", MIGRATION_DATABASE_URL: "", WEBHOOK_ALLOW_PRIVATE: "1" },
  });
  await receiver.waiting;
  await program.kill();
  const before = new Set(receiver.ids).size;
  expect(before).toBeLessThan(EVENTS);
  receiver.answerAll();
  // Skips the heartbeat's timeout.
  await admin.query(
    "UPDATE pgboss.job SET heartbeat_on = heartbeat_on - interval '10 s' WHERE state = 'active'",
  );
  const worker = await startWorker({
    "webhook.deliver": { handle: deliverWebhookJob, concurrency: 2, groupConcurrency: 3 },
  });
  onTestFinished(() => worker.stop());

  await expect.poll(() => new Set(receiver.ids).size).toBe(EVENTS);
});
