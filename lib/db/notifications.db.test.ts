import pg from "pg";
import { afterAll, describe, expect, test, vi } from "vitest";
import { closeNotifications, isListening, type Notice, notify, subscribe } from "./notifications";
import { inOrganization, inOrganizationSql } from "./unit-of-work";

const admin = new pg.Pool({ connectionString: process.env.TEST_ADMIN_URL, max: 1 });
afterAll(async () => {
  await closeNotifications();
  await admin.end();
});

const makeNotice = (kind = "thing"): Notice => ({
  kind,
  organizationId: crypto.randomUUID(),
  id: crypto.randomUUID(),
});
const announce = (notice: Notice) => inOrganization(notice, (tx) => notify(tx, notice));

/** Subscribes and waits until the connection listens. */
async function listen(kind: string) {
  const received = { onNotice: vi.fn<(notice: Notice) => void>(), onStale: vi.fn<() => void>() };
  const end = subscribe(kind, received);
  await expect.poll(() => received.onStale.mock.calls.length).toBeGreaterThan(0);
  return { ...received, end };
}

describe("subscribe", () => {
  test("delivers notices of its kind, sent by Prisma or plain SQL", async () => {
    const [things, others] = [await listen("thing"), await listen("other")];
    const [first, second] = [makeNotice(), makeNotice()];
    await announce(first);
    await inOrganizationSql(second, (client) => notify(client, second));

    await expect.poll(() => things.onNotice.mock.calls).toEqual([[first], [second]]);
    expect(others.onNotice).not.toHaveBeenCalled();
  });

  test("delivers no notice of a unit of work that rolled back", async () => {
    const { onNotice } = await listen("thing");
    const [lost, kept] = [makeNotice(), makeNotice()];
    const failing = inOrganization(lost, async (tx) => {
      await notify(tx, lost);
      throw new Error("rolled back");
    });
    await expect(failing).rejects.toThrow("rolled back");
    await announce(kept);

    await expect.poll(() => onNotice.mock.calls).toEqual([[kept]]);
  });

  test.each([
    ["a name", { name: "财务部" }],
    ["an id that is text", { id: "财务部" }],
    ["a kind that is a sentence", { kind: "财务部 was renamed" }],
  ])("S18 rejects a notice with %s", async (_, wrong) => {
    await expect(announce({ ...makeNotice(), ...wrong })).rejects.toThrow();
  });

  test("delivers no notice after the subscription ended", async () => {
    const [ended, goesOn] = [await listen("thing"), await listen("thing")];
    ended.end();
    await announce(makeNotice());

    await expect.poll(() => goesOn.onNotice.mock.calls).toHaveLength(1);
    expect(ended.onNotice).not.toHaveBeenCalled();
  });
});

test("S30 a process has one listening connection for all subscriptions", async () => {
  await Promise.all(["a", "b", "c"].map(listen));
  const { rows } = await admin.query(
    "SELECT 1 FROM pg_stat_activity WHERE application_name = 'dingkeep-listen' AND datname = current_database()",
  );

  expect(rows).toHaveLength(1);
});

test("a lost connection reconnects and tells subscribers that their caches may be stale", async () => {
  const { onNotice, onStale } = await listen("thing");
  const { rows } = await admin.query<{ name: string }>("SELECT quote_ident(current_database()) AS name");
  const database = rows[0]?.name;
  onStale.mockClear();
  await admin.query(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC, dingkeep_app`);
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dingkeep-listen' AND datname = current_database()",
  );
  await expect.poll(isListening).toBe(false);
  expect(onStale).not.toHaveBeenCalled();
  await admin.query(`GRANT CONNECT ON DATABASE ${database} TO dingkeep_app`);
  await expect.poll(() => onStale.mock.calls.length).toBe(1);
  expect(isListening()).toBe(true);
  const notice = makeNotice();
  await announce(notice);

  await expect.poll(() => onNotice.mock.calls).toEqual([[notice]]);
});
