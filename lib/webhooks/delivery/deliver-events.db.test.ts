import pg from "pg";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { pool } from "@/lib/db/connection-pools";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { sendJob } from "@/lib/jobs/send-job";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import { listNotices } from "@/lib/notices/queries";
import { SESSIONS } from "@/lib/testing/connections";
import { recordEvent } from "@/lib/webhook-log/record-event";
import { enableEndpoint, rotateSecret } from "../endpoints/change-endpoint";
import { getEndpoint } from "../endpoints/queries";
import { failing, makeWorld, record, recordRenames } from "../test-support/test-endpoint";
import { listAttempts } from "./attempts";
import { resendEvent, resendSince } from "./resend";
import { sweepWebhooks } from "./sweep-webhooks";

beforeAll(() => {
  process.env.WEBHOOK_ALLOW_PRIVATE = "1";
});

const admin = openAdmin();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

type World = Awaited<ReturnType<typeof makeWorld>>;

const keyOf = ({ endpoint: { organizationId, endpointId } }: World) => `${organizationId}/${endpointId}`;
const jobsOf = (world: World) => storedJobs(admin, "webhook.deliver", keyOf(world));
const retriesOf = (world: World) => storedJobs(admin, "webhook.deliver", `${keyOf(world)}/retry`);

/** Runs the endpoint's retry at the time of its job. @returns its time */
async function runRetry(world: World): Promise<number> {
  const [retry] = await retriesOf(world);
  if (!retry) throw new Error("there is no retry");
  world.clock.nowMs = Math.max(world.clock.nowMs, retry.start_after.getTime());
  await world.deliver();
  return world.clock.nowMs;
}

describe("deliveries", () => {
  test("delivers each event once, in the order of the events", async () => {
    const world = await makeWorld();
    await record(world.app, { type: "sync.succeeded", data: { revision: 1 } });
    await recordRenames(world.app, ["u1", "u2"]);
    await record(world.app, { type: "app.verified", at: new Date("2026-12-03T08:00:01Z") });
    await world.deliver();
    await world.deliver();

    expect(world.types().toSorted()).toEqual([
      "app.verified",
      "member.renamed",
      "member.renamed",
      "sync.succeeded",
    ]);
    const sequences = world.received.map(({ message }) => message.sequence);
    expect(sequences.toSorted((a, b) => a - b)).toEqual([1, 2, 2, 3]);
    expect(world.received.map(({ id }) => id.split("_").slice(2).join(" ")).toSorted()).toEqual([
      "1 0",
      "2 1",
      "2 2",
      "3 0",
    ]);
  });

  test("S33 delivers no personal value and no id of one", async () => {
    const world = await makeWorld();
    await recordRenames(world.app, ["u1"]);
    await world.deliver();

    const [{ message } = { message: { data: {} } }] = world.received;
    expect(message.data).toEqual({
      id: "u1",
      setId: expect.any(String),
      revision: null,
      cause: "run",
      reason: null,
      before: { name: "a" },
      after: { name: "b" },
      isPersonalChanged: true,
    });
  });

  test("delivers only events of the chosen types and apps", async () => {
    const world = await makeWorld({ types: ["app.broken", "department.added"] });
    const others = await world.add({ appIds: [world.app.appId] });
    const foreign = { organizationId: world.organizationId, appId: crypto.randomUUID() };
    await record(world.app);
    await record(world.app, { type: "app.verified" });
    await recordRenames(world.app, ["u1"]);
    await record(foreign, { type: "token.renewed" });
    await world.deliver();
    expect(world.types()).toEqual(["app.broken"]);
    world.received.length = 0;
    await world.deliver(undefined, others);

    expect(world.types().toSorted()).toEqual(["app.broken", "app.verified", "member.renamed"]);
  });

  test("delivers the events after the endpoint's creation", async () => {
    const world = await makeWorld();
    await record(world.app);
    const later = await world.add();
    await record(world.app, { type: "app.verified" });
    await world.deliver(undefined, later);

    expect(world.types()).toEqual(["app.verified"]);
  });

  test("delivers an event whose transaction commits after that of a later event", async () => {
    const world = await makeWorld();
    const client = await pool().connect();
    onTestFinished(() => client.release());
    await client.query("BEGIN");
    await client.query(`SET LOCAL app.organization_id = '${world.organizationId}'`);
    await recordEvent(client, world.app, { type: "app.broken", at: new Date(0), data: {} });
    await record(world.app, { type: "app.verified" });
    await world.deliver();
    expect(world.types()).toEqual(["app.verified"]);
    await client.query("COMMIT");
    await world.deliver();

    expect(world.types()).toEqual(["app.verified", "app.broken"]);
  });

  test("a second job leaves its events to the job that has claimed the endpoint", async () => {
    const world = await makeWorld();
    await record(world.app);
    world.setAnswer(async ({ message }) => {
      if (message.type !== "app.broken") return {};
      await record(world.app, { type: "app.verified" });
      await world.deliver();
      expect(world.types()).toEqual(["app.broken"]);
      return {};
    });
    await world.deliver();

    expect(world.types()).toEqual(["app.broken", "app.verified"]);
  });

  test("a job that ends its turn delivers an event that another job has left to it meanwhile", async () => {
    const world = await makeWorld();
    const { organizationId, endpointId } = world.endpoint;
    const singletonKey = `${keyOf(world)}/retry`;
    await sendJob(
      "webhook.deliver",
      { organizationId, endpointId },
      { singletonKey, startAfter: new Date(2e12) },
    );
    // The end of a turn removes the retry's job, so it waits for this lock.
    const blocker = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
    await blocker.connect();
    onTestFinished(() => blocker.end());
    await blocker.query("BEGIN");
    await blocker.query("SELECT FROM pgboss.job WHERE singleton_key = $1 FOR UPDATE", [singletonKey]);
    const first = world.deliver();
    const isBlocked = async () =>
      (
        await admin.query(
          `SELECT FROM ${SESSIONS} WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        )
      ).rowCount;
    await expect.poll(isBlocked).toBe(1);
    await record(world.app);
    await world.deliver();
    expect(world.types()).toEqual([]);
    await blocker.query("COMMIT");
    await first;

    expect(world.types()).toEqual(["app.broken"]);
  });

  test("messages carry the previous secret's signature for 24 hours after a rotation", async () => {
    const world = await makeWorld();
    await rotateSecret(world.manager, world.endpoint.endpointId);
    for (const hours of [0, 23.9, 24.1]) {
      await record(world.app);
      world.clock.nowMs = Date.now() + hours * HOUR;
      await world.deliver();
    }

    expect(world.received.map(({ signatures }) => signatures)).toEqual([2, 2, 1]);
  });

  test("another job takes over when a claim is too old", async () => {
    const world = await makeWorld();
    await record(world.app);
    await inOrganizationSql(world.app, (client) =>
      client.query(
        "UPDATE webhook_endpoint SET claimed_by = $2, claimed_until = $3 WHERE organization_id = $1",
        [world.organizationId, crypto.randomUUID(), new Date(world.clock.nowMs + MINUTE)],
      ),
    );
    await world.deliver();
    expect(world.types()).toEqual([]);
    world.clock.nowMs += MINUTE + 1;
    await world.deliver();

    expect(world.types()).toEqual(["app.broken"]);
  });

  test("a job removes the waiting jobs of the events that it delivers", async () => {
    const world = await makeWorld();
    for (const _ of [1, 2, 3]) await record(world.app);
    expect(await jobsOf(world)).toHaveLength(3);
    await world.deliver();

    expect(world.received).toHaveLength(3);
    expect(await jobsOf(world)).toEqual([]);
  });

  test("the response 410 disables an endpoint; enabling it delivers the events since then", async () => {
    const world = await makeWorld();
    world.setAnswer(() => ({ status: 410 }));
    await record(world.app);
    await world.deliver();
    expect(await getEndpoint(world.reader, world.endpoint.endpointId)).toMatchObject({
      state: "disabled",
      disabledFor: "gone",
    });
    await record(world.app, { type: "app.verified" });
    await world.deliver();
    expect(world.types()).toEqual(["app.broken"]);
    world.setAnswer(() => ({}));
    await enableEndpoint(world.manager, world.endpoint.endpointId);
    await world.deliver();

    expect(world.types()).toEqual(["app.broken", "app.verified"]);
  });
});

describe("retries of deliveries", () => {
  test("a failing delivery is retried at the times of its jobs and fails with the eighth attempt", async () => {
    const world = await makeWorld();
    const start = world.clock.nowMs;
    world.setAnswer(() => failing);
    await record(world.app);
    await world.deliver();
    while ((await retriesOf(world)).length > 0 && world.clock.nowMs < start + 4 * DAY) {
      world.clock.nowMs += 1;
      await runRetry(world);
    }

    const times = world.received.map(({ atMs }) => Math.round((atMs - start) / 1_000));
    expect(times).toEqual([0, 5, 305, 2_105, 9_305, 27_305, 63_305, 99_305]);
    expect(new Set(world.received.map(({ id }) => id)).size).toBe(1);
    const { attempts } = await listAttempts(world.reader, world.endpoint.endpointId, { limit: 10 });
    expect(attempts.map(({ attempt }) => attempt)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    expect(attempts[0]).toMatchObject({ status: 500, answer: "broken", type: "app.broken" });
  });

  test("a successful retry ends the failure of the endpoint", async () => {
    const world = await makeWorld();
    world.setAnswer(() => failing);
    await record(world.app);
    await world.deliver();
    expect((await getEndpoint(world.reader, world.endpoint.endpointId)).state).toBe("failing");
    world.setAnswer(() => ({}));
    await runRetry(world);

    expect(world.received).toHaveLength(2);
    expect((await getEndpoint(world.reader, world.endpoint.endpointId)).state).toBe("enabled");
    expect(await retriesOf(world)).toEqual([]);
  });

  test("Retry-After delays the retry and later events", async () => {
    const world = await makeWorld();
    const start = world.clock.nowMs;
    world.setAnswer(() => ({ status: 429, retryAfterMs: HOUR }));
    await record(world.app);
    await world.deliver();
    await record(world.app, { type: "app.verified" });
    await world.deliver();
    expect(world.types()).toEqual(["app.broken"]);
    world.setAnswer(() => ({}));

    expect(await runRetry(world)).toBe(start + HOUR);
    expect(world.types().toSorted()).toEqual(["app.broken", "app.broken", "app.verified"]);
  });

  test("an endpoint that has failed for five days is disabled", async () => {
    const world = await makeWorld();
    const start = world.clock.nowMs;
    world.setAnswer(() => failing);
    await record(world.app);
    await world.deliver();
    for (const days of [4.99, 5]) {
      world.clock.nowMs = start + days * DAY;
      await record(world.app);
      await world.deliver();
      const { state } = await getEndpoint(world.reader, world.endpoint.endpointId);
      expect(state, `${days} days`).toBe(days === 5 ? "disabled" : "failing");
    }
    expect(await getEndpoint(world.reader, world.endpoint.endpointId)).toMatchObject({
      disabledFor: "failing",
      disabledBy: null,
    });
    const notices = () => listNotices(grant(world.owner, "app.read"));
    const notice = { webhookId: world.endpoint.endpointId, appId: null, state: "webhook_failing" };
    expect(await notices()).toMatchObject([{ ...notice, endedAt: null }]);
    await enableEndpoint(world.manager, world.endpoint.endpointId);
    expect(await notices()).toMatchObject([{ ...notice, endedAt: expect.any(Date) }]);
  });

  test("the sweep queues deliveries whose job was lost", async () => {
    const world = await makeWorld();
    await record(world.app, { at: new Date(world.clock.nowMs) });
    await admin.query("DELETE FROM pgboss.job WHERE singleton_key = $1", [keyOf(world)]);
    expect(await sweepWebhooks(world.organizationId, world.clock.nowMs)).toBe(0);
    expect(await sweepWebhooks(world.organizationId, world.clock.nowMs + 2 * MINUTE)).toBe(1);
    expect(await jobsOf(world)).toHaveLength(1);
    await world.deliver();

    expect(await sweepWebhooks(world.organizationId, world.clock.nowMs + 2 * MINUTE)).toBe(0);
  });
});

describe("ordered deliveries", () => {
  test("an ordered endpoint gets a member's later event after the earlier one, without delaying other members", async () => {
    const world = await makeWorld({ isOrdered: true });
    const memberOf = ({ message }: { message: { data: Record<string, unknown> } }) => message.data.id;
    world.setAnswer((one) => (memberOf(one) === "u1" ? failing : {}));
    await recordRenames(world.app, ["u1", "u2"]);
    await recordRenames(world.app, ["u1", "u2"]);
    await world.deliver();
    expect(world.received.map(memberOf)).toEqual(["u1", "u2", "u2"]);
    world.setAnswer(() => ({}));
    await runRetry(world);

    expect(world.received.slice(3).map((one) => [memberOf(one), one.message.sequence])).toEqual([
      ["u1", 1],
      ["u1", 2],
    ]);
  });

  test("an unordered endpoint gets a later event while the earlier one is retried", async () => {
    const world = await makeWorld({ isOrdered: false });
    world.setAnswer(({ message }) => (message.sequence === 1 ? failing : {}));
    await recordRenames(world.app, ["u1"]);
    await recordRenames(world.app, ["u1"]);
    await world.deliver();

    expect(world.received.map(({ message }) => message.sequence)).toEqual([1, 2]);
  });
});

describe("resending", () => {
  test("resends one event with its ID", async () => {
    const world = await makeWorld();
    await recordRenames(world.app, ["u1", "u2"]);
    await world.deliver();
    const id = world.received[0]?.id ?? "";
    await resendEvent(world.manager, world.endpoint.endpointId, id);
    world.clock.nowMs = Date.now();
    await world.deliver();

    expect(world.received).toHaveLength(3);
    expect(world.received[2]?.id).toBe(id);
  });

  test("resending ends the pause of a failing endpoint", async () => {
    const world = await makeWorld();
    world.setAnswer(() => ({ status: 503, retryAfterMs: HOUR }));
    await record(world.app);
    await world.deliver();
    world.setAnswer(() => ({}));
    world.clock.nowMs += 1;
    await world.deliver();
    expect(world.received).toHaveLength(1);
    await resendEvent(world.manager, world.endpoint.endpointId, world.received[0]?.id ?? "");
    world.clock.nowMs = Date.now();
    await world.deliver();

    expect(world.received).toHaveLength(2);
  });

  test("resends all events since a time, in order", async () => {
    const world = await makeWorld();
    const hours = [8, 9, 10].map((hour) => new Date(Date.UTC(2026, 11, 3, hour)));
    for (const at of hours) await record(world.app, { at, data: { hour: at.getUTCHours() } });
    await world.deliver();
    await resendSince(world.manager, world.endpoint.endpointId, new Date("2026-12-03T09:00:00Z"));
    await world.deliver();

    expect(world.received.slice(3).map(({ message }) => message.data.hour)).toEqual([9, 10]);
  });

  test("does not find another organization's event or endpoint", async () => {
    const [world, other] = [await makeWorld(), await makeWorld()];
    await record(world.app);
    await world.deliver();
    const id = world.received[0]?.id ?? "";
    for (const [endpointId, eventId] of [
      [other.endpoint.endpointId, id],
      [world.endpoint.endpointId, id],
      [other.endpoint.endpointId, "evt_1"],
    ] as const) {
      await expect(resendEvent(other.manager, endpointId, eventId)).rejects.toMatchObject({
        code: "not_found",
      });
    }
    await expect(resendSince(other.manager, world.endpoint.endpointId, new Date(0))).rejects.toMatchObject({
      code: "not_found",
    });
  });
});
