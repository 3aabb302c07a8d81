import { v7 as newId } from "uuid";
import { beforeAll, describe, expect, test } from "vitest";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { openAdmin } from "@/lib/jobs/test-support/stored-jobs";
import { makeWorld, record, recordRenames } from "../test-support/test-endpoint";
import { listEvents } from "./list-events";
import { numberEvents } from "./number-events";
import { type Position, START } from "./position";
import { pruneWebhooks } from "./prune-webhooks";
import { readEvents } from "./read-events";

beforeAll(() => {
  process.env.WEBHOOK_ALLOW_PRIVATE = "1";
});

const admin = openAdmin();
const DAY = 24 * 60 * 60_000;

type World = Awaited<ReturnType<typeof makeWorld>>;

const number = ({ app, organizationId }: World) =>
  inOrganizationSql(app, (client) => numberEvents(client, organizationId));

/** Reads all events in pages. @returns sequence and number of each event of each page */
async function readPages(world: World, limit: number): Promise<string[][]> {
  const pages: string[][] = [];
  let after: Position = START;
  for (let hasMore = true; hasMore; ) {
    const page = await inOrganizationSql(world.app, (client) =>
      readEvents(client, world.organizationId, { after, limit, types: null, appIds: null }),
    );
    pages.push(page.events.map(({ message }) => `${message.sequence}/${message.number}`));
    ({ hasMore, end: after } = page);
  }
  return pages;
}

describe("pages of events", () => {
  test("pages divide change sets and end with the last event", async () => {
    const world = await makeWorld();
    await record(world.app, { at: new Date("2026-12-03T07:00:00Z") });
    await recordRenames(world.app, ["u1", "u2", "u3"]);
    await record(world.app, { at: new Date("2026-12-03T09:00:00Z") });
    await number(world);

    expect(await readPages(world, 2)).toEqual([["1/0", "2/1"], ["2/2", "2/3"], ["3/0"]]);
    expect(await readPages(world, 100)).toEqual([["1/0", "2/1", "2/2", "2/3", "3/0"]]);
  });

  test("pages skip change sets whose changes are no longer kept", async () => {
    const world = await makeWorld();
    await recordRenames(world.app, ["u1", "u2"]);
    await record(world.app, { at: new Date("2026-12-03T09:00:00Z") });
    await number(world);
    await admin.query("DELETE FROM change_set WHERE organization_id = $1", [world.organizationId]);

    expect((await readPages(world, 1)).flat()).toEqual(["2/0"]);
  });
});

describe("numbers of events", () => {
  test("events are numbered without a gap in the order of their times, also thousands at once", async () => {
    const world = await makeWorld();
    await admin.query(
      `INSERT INTO webhook_event (organization_id, id, at, type, app_id)
       SELECT $1, gen_random_uuid(), '2026-12-03'::timestamptz + make_interval(secs => n), 'app.broken', $2
       FROM generate_series(1, 2500) n`,
      [world.organizationId, world.app.appId],
    );
    expect(await number(world)).toEqual({ last: 2_500, pruned: 0 });
    await record(world.app, { at: new Date("2026-12-01") });
    expect(await number(world)).toEqual({ last: 2_501, pruned: 0 });
    const { rows } = await admin.query(
      `SELECT count(DISTINCT sequence)::int AS count,
         bool_and(at = '2026-12-03'::timestamptz + make_interval(secs => sequence::int)) FILTER (WHERE sequence < 2501) AS sorted
       FROM webhook_event WHERE organization_id = $1`,
      [world.organizationId],
    );
    expect(rows).toEqual([{ count: 2_501, sorted: true }]);
  });

  test("concurrent readers number each event once", async () => {
    const world = await makeWorld();
    for (const _ of [1, 2, 3]) await record(world.app);
    const results = await Promise.all([number(world), number(world), number(world)]);

    expect(results.map(({ last }) => last)).toEqual([3, 3, 3]);
  });
});

/** Returns the time of the newest ID, which is ahead of the clock after a test that has moved the clock. */
const idTime = () => Number.parseInt(newId().replaceAll("-", "").slice(0, 12), 16);

describe("pruning", () => {
  test("pruning deletes events, deliveries and attempts after 30 days", async () => {
    const world = await makeWorld();
    await record(world.app);
    await world.deliver();
    await record(world.app);
    const count = async () => {
      const { rows } = await admin.query<{ n: number }>(
        `SELECT (SELECT count(*) FROM webhook_event WHERE organization_id = $1)::int AS events,
           (SELECT count(*) FROM webhook_delivery WHERE organization_id = $1)::int AS deliveries,
           (SELECT count(*) FROM webhook_attempt WHERE organization_id = $1)::int AS attempts`,
        [world.organizationId],
      );
      return rows[0];
    };
    await pruneWebhooks(world.organizationId, idTime() + 29 * DAY);
    expect(await count()).toEqual({ events: 2, deliveries: 1, attempts: 1 });
    await pruneWebhooks(world.organizationId, idTime() + 31 * DAY);

    expect(await count()).toEqual({ events: 0, deliveries: 0, attempts: 0 });
    expect(await number(world)).toEqual({ last: 1, pruned: 1 });
  });

  test("a reader whose cursor precedes deleted events gets cursor_expired, and one at their end continues", async () => {
    const world = await makeWorld();
    await record(world.app);
    await record(world.app);
    await number(world);
    await pruneWebhooks(world.organizationId, idTime() + 31 * DAY);
    await record(world.app);
    const read = (sequence: number) =>
      listEvents(world.reader, { after: { sequence, number: 0 }, limit: 10, appIds: null });

    await expect(read(1)).rejects.toMatchObject({ code: "cursor_expired" });
    expect((await read(2)).events.map(({ sequence }) => sequence)).toEqual([3]);
  });
});
