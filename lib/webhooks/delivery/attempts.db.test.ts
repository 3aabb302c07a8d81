import { beforeAll, expect, test } from "vitest";
import { failing, makeWorld, record } from "../test-support/test-endpoint";
import { countByEndpoint, countByHour } from "./attempt-counts";
import { getAttempt, listAttempts } from "./attempts";

beforeAll(() => {
  process.env.WEBHOOK_ALLOW_PRIVATE = "1";
});

const MINUTE = 60_000;
const LONG_AGO = new Date(Date.now() - 60 * MINUTE);
/** IDs may be ahead of the clock, because another test has moved it. */
const FAR_AHEAD = new Date("2200-01-01T00:00:00Z");

type World = Awaited<ReturnType<typeof makeWorld>>;

/** Fails to deliver one event and then delivers another one. */
async function deliverTwo(world: World): Promise<void> {
  world.setAnswer(() => failing);
  await record(world.app, { data: { first: true } });
  await world.deliver();
  world.setAnswer(() => ({}));
  world.clock.nowMs += MINUTE;
  await record(world.app, { type: "app.verified" });
  await world.deliver();
}

test("getAttempt returns the response, the event and the state of its delivery", async () => {
  const world = await makeWorld();
  world.setAnswer(() => failing);
  await record(world.app, { data: { first: true } });
  const startMs = world.clock.nowMs;
  await world.deliver();
  const { endpointId } = world.endpoint;
  const { attempts } = await listAttempts(world.reader, endpointId, { limit: 10 });

  expect(await getAttempt(world.reader, endpointId, attempts[0]?.id ?? "")).toMatchObject({
    status: 500,
    answer: "broken",
    message: { type: "app.broken", data: { first: true }, id: world.received[0]?.id },
    delivery: { state: "pending", nextAttemptAt: new Date(startMs + 5_000) },
  });
});

test("an attempt is not found at another endpoint or in another organization", async () => {
  const [world, other] = [await makeWorld(), await makeWorld()];
  await record(world.app);
  await world.deliver();
  const second = await world.add();
  const { attempts } = await listAttempts(world.reader, world.endpoint.endpointId, { limit: 10 });
  const id = attempts[0]?.id ?? "";
  for (const [reader, endpointId, attemptId] of [
    [world.reader, second.endpointId, id],
    [other.reader, world.endpoint.endpointId, id],
    [other.reader, other.endpoint.endpointId, id],
    [world.reader, world.endpoint.endpointId, "no-uuid"],
  ] as const) {
    await expect(getAttempt(reader, endpointId, attemptId)).rejects.toMatchObject({ code: "not_found" });
  }
});

test("attempts are counted by hour and by endpoint, without those of other organizations", async () => {
  const [world, other] = [await makeWorld(), await makeWorld()];
  world.clock.nowMs = Date.UTC(2026, 11, 3, 8, 30);
  await deliverTwo(world);
  await deliverTwo(other);
  const { endpointId } = world.endpoint;

  // The first event is retried with the second one
  const counts = { delivered: 2, failed: 1 };
  expect(await countByHour(world.reader, endpointId, LONG_AGO)).toEqual([
    { hour: new Date("2026-12-03T08:00:00Z"), ...counts },
  ]);
  expect(await countByHour(other.reader, endpointId, LONG_AGO)).toEqual([]);
  expect([...(await countByEndpoint(world.reader, LONG_AGO))]).toEqual([
    [endpointId, { ...counts, lastFailedAt: new Date("2026-12-03T08:30:00Z") }],
  ]);
  expect(await countByEndpoint(world.reader, FAR_AHEAD)).toEqual(new Map());
});
