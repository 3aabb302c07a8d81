import pg from "pg";
import { afterAll, describe, expect, test, vi } from "vitest";
import { closeNotifications, isHearing, type Notice, notify, subscribe } from "./notifications";
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

/** What a subscriber heard, once the connection listens. */
async function listen(kind: string) {
  const heard = { onNotice: vi.fn<(notice: Notice) => void>(), onStale: vi.fn<() => void>() };
  const end = subscribe(kind, heard);
  await expect.poll(() => heard.onStale.mock.calls.length).toBeGreaterThan(0);
  return { ...heard, end };
}

describe("a notice", () => {
  test("is heard by those who listen for its kind, from both forms of a unit of work", async () => {
    const [things, others] = [await listen("thing"), await listen("other")];
    const [first, second] = [makeNotice(), makeNotice()];
    await announce(first);
    await inOrganizationSql(second, (client) => notify(client, second));

    await expect.poll(() => things.onNotice.mock.calls).toEqual([[first], [second]]);
    expect(others.onNotice).not.toHaveBeenCalled();
  });

  test("of a unit of work that is taken back is never heard", async () => {
    const { onNotice } = await listen("thing");
    const [lost, kept] = [makeNotice(), makeNotice()];
    const failing = inOrganization(lost, async (tx) => {
      await notify(tx, lost);
      throw new Error("taken back");
    });
    await expect(failing).rejects.toThrow("taken back");
    await announce(kept);

    await expect.poll(() => onNotice.mock.calls).toEqual([[kept]]);
  });

  test.each([
    ["a name", { name: "财务部" }],
    ["text for an id", { id: "财务部" }],
    ["a sentence for a kind", { kind: "财务部 was renamed" }],
  ])("S18 with %s is refused", async (_, wrong) => {
    await expect(announce({ ...makeNotice(), ...wrong })).rejects.toThrow();
  });

  test("is not heard any more after the subscription ended", async () => {
    const [ended, goesOn] = [await listen("thing"), await listen("thing")];
    ended.end();
    await announce(makeNotice());

    await expect.poll(() => goesOn.onNotice.mock.calls).toHaveLength(1);
    expect(ended.onNotice).not.toHaveBeenCalled();
  });
});

test("S30 a process has one listening connection, however many listen", async () => {
  await Promise.all(["a", "b", "c"].map(listen));
  const { rows } = await admin.query(
    "SELECT 1 FROM pg_stat_activity WHERE application_name = 'dingkeep-listen' AND datname = current_database()",
  );

  expect(rows).toHaveLength(1);
});

test("a connection that is lost comes back, and tells everybody that what they hold may be stale", async () => {
  const { onNotice, onStale } = await listen("thing");
  const { rows } = await admin.query<{ name: string }>("SELECT quote_ident(current_database()) AS name");
  const database = rows[0]?.name;
  onStale.mockClear();
  await admin.query(`REVOKE CONNECT ON DATABASE ${database} FROM PUBLIC, dingkeep_app`);
  await admin.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dingkeep-listen' AND datname = current_database()",
  );
  await expect.poll(isHearing).toBe(false);
  expect(onStale).not.toHaveBeenCalled();
  await admin.query(`GRANT CONNECT ON DATABASE ${database} TO dingkeep_app`);
  await expect.poll(() => onStale.mock.calls.length).toBe(1);
  expect(isHearing()).toBe(true);
  const notice = makeNotice();
  await announce(notice);

  await expect.poll(() => onNotice.mock.calls).toEqual([[notice]]);
});
