import { randomInt, randomUUID } from "node:crypto";
import { setTimeout as delay, setImmediate } from "node:timers/promises";
import type { ClientBase } from "pg";
import { expect, onTestFinished, test } from "vitest";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { applyChanges } from "../apply/apply-changes";
import {
  type StoredForTest as Change,
  memberState as member,
  storeSet,
} from "../apply/test-support/store-set";
import { asAdmin, makeDirectory } from "../tree/test-support/make-directory";
import { encodeFeedCursor } from "./feed-cursor";
import { readFeed } from "./read-feed";

const WRITERS = 8;
const SETS_EACH = 6;

type World = Awaited<ReturnType<typeof makeDirectory>>;
/** Assigns the revision as the product does, under the directory's lock. */
async function byLock(client: ClientBase, { organizationId, appId }: World, setId: string): Promise<number> {
  return (await applyChanges(client, { organizationId, appId, setId })).revision;
}

/** Assigns the revision from a plain sequence, whose order differs from the order of commits. */
async function bySequence(client: ClientBase, { organizationId }: World, setId: string): Promise<number> {
  const { rows } = await client.query<{ next: number }>("SELECT nextval('naive_revision')::int AS next");
  const revision = rows[0]?.next ?? 0;
  await client.query(
    `UPDATE change_set SET revision = $3, applied_at = now() WHERE organization_id = $1 AND id = $2`,
    [organizationId, setId, revision],
  );
  return revision;
}

/** Polls the feed while others write, and returns every change that the reader saw. */
async function follow(
  world: World,
  { limit, isOver, onRead }: { limit: number; isOver: () => boolean; onRead: (revision: number) => void },
): Promise<string[]> {
  const seen: string[] = [];
  let after: Parameters<typeof readFeed>[2]["after"];
  for (let wasOver = false; ; ) {
    const { changes, hasMore } = await readFeed(world.actor, world.appId, { after, limit });
    seen.push(...changes.map(({ objectId }) => objectId));
    const last = changes.at(-1);
    if (last) {
      after = { appId: world.appId, revision: last.revision, number: last.number };
      onRead(last.revision);
    }
    if (!hasMore && wasOver) return seen;
    wasOver = isOver() && !hasMore;
    await setImmediate();
  }
}

/**
 * Runs eight writers concurrently on their own connections. Each transaction stays open for a random time after it got its
 * revision; the first one stays open until a later revision was read, if that happens.
 */
async function race(number: typeof byLock) {
  const world = await makeDirectory([]);
  let isOver = false;
  let first = Number.POSITIVE_INFINITY;
  let tellRead = () => {};
  const isLaterRead = new Promise<void>((resolve) => {
    tellRead = resolve;
  });
  const onRead = (revision: number) => revision > first && tellRead();
  const written: string[] = [];
  const write = async (writer: number) => {
    for (let n = 0; n < SETS_EACH; n++) {
      const names = [`w${writer}-${n}-a`, `w${writer}-${n}-b`];
      await inOrganizationSql(world, async (client) => {
        const changes = names.map((name) => ({ objectId: name, kind: "added", after: member(name) }));
        const revision = await number(client, world, await storeSet(client, world, changes));
        if (writer > 0 || n > 0) return delay(randomInt(6));
        first = revision;
        return Promise.race([isLaterRead, delay(300)]);
      });
      written.push(...names);
    }
  };
  const readers = [1, 3, 1_000].map((limit) => follow(world, { limit, isOver: () => isOver, onRead }));
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  isOver = true;
  return { world, written, read: await Promise.all(readers) };
}

test("a reader that polls during concurrent writes sees every change once, in the order of the commits", async () => {
  const { world, written, read } = await race(byLock);
  const [first = []] = read;
  expect(first.toSorted()).toEqual(written.toSorted());
  for (const other of read) expect(other).toEqual(first);
  // A second read returns the same order.
  const whole = await readFeed(world.actor, world.appId, { limit: 1_000 });
  expect(whole.changes.map(({ objectId }) => objectId)).toEqual(first);
  const middle = whole.changes[40];
  const rest = await readFeed(world.actor, world.appId, {
    after: { appId: world.appId, revision: middle?.revision ?? 0, number: middle?.number ?? 0 },
    limit: 1_000,
  });
  expect(rest.changes.map(({ objectId }) => objectId)).toEqual(first.slice(41));
});

test("with a plain sequence, a change that commits late is never seen in the same race", async () => {
  await asAdmin(async (client) => {
    await client.query("CREATE SEQUENCE IF NOT EXISTS naive_revision");
    await client.query("GRANT USAGE ON SEQUENCE naive_revision TO PUBLIC");
  });
  onTestFinished(async () => {
    await asAdmin((client) => client.query("DROP SEQUENCE naive_revision"));
  });
  const { written, read } = await race(bySequence);
  expect(Math.min(...read.map((seen) => seen.length))).toBeLessThan(written.length);
});

test("orders changes by revision, not by the time they were stored", async () => {
  const world = await makeDirectory([]);
  const store = (...ids: string[]) =>
    inOrganizationSql(world, (client) =>
      storeSet(
        client,
        world,
        ids.map((objectId) => ({ objectId, kind: "added", after: member(objectId) })),
      ),
    );
  const [stored, later] = [await store("c", "d"), await store("a", "b")];
  for (const setId of [later, stored])
    await inOrganizationSql(world, (client) => byLock(client, world, setId));

  const whole = await readFeed(world.actor, world.appId, { limit: 9 });
  expect(whole.changes.map(({ revision, number, objectId }) => [revision, number, objectId])).toEqual([
    [1, 1, "a"],
    [1, 2, "b"],
    [2, 1, "c"],
    [2, 2, "d"],
  ]);
  const page = await readFeed(world.actor, world.appId, { limit: 3 });
  expect(page.changes.map(({ objectId }) => objectId)).toEqual(["a", "b", "c"]);
});

test("contains restores and erasures in the feed, but no skipped changes and no ids of personal values", async () => {
  const world = await makeDirectory([]);
  const apply = (...changes: Change[]) =>
    inOrganizationSql(world, async (client) => byLock(client, world, await storeSet(client, world, changes)));
  const [old, young] = [randomUUID(), randomUUID()];
  expect(await readFeed(world.actor, world.appId, { limit: 9 })).toEqual({
    changes: [],
    nextCursor: null,
    hasMore: false,
  });
  await apply(
    { objectId: "li", kind: "added", after: member("李一", old) },
    { objectId: "wang", kind: "added", after: member("王二"), outcome: "left_out" },
  );
  await apply({ objectId: "li", kind: "changed", before: member("李一", old), after: member("李一", young) });
  await apply({ objectId: "li", kind: "removed", before: member("李一", young) });
  await apply({ objectId: "li", kind: "restored", after: member("李一", young) });
  await apply({ objectId: "li", kind: "erased" });
  // Stored but never applied
  await inOrganizationSql(world, (client) => storeSet(client, world, [{ objectId: "zhao", kind: "added" }]));

  const { changes, nextCursor } = await readFeed(world.actor, world.appId, { limit: 9 });
  expect(
    changes.map(({ revision, number, objectId, kind, isPersonalChanged }) => [
      revision,
      number,
      objectId,
      kind,
      isPersonalChanged,
    ]),
  ).toEqual([
    [1, 1, "li", "added", true],
    [2, 1, "li", "changed", true],
    [3, 1, "li", "removed", false],
    [4, 1, "li", "restored", true],
    [5, 1, "li", "erased", false],
  ]);
  expect(changes.at(-1)).toMatchObject({ before: null, after: null });
  const text = JSON.stringify(changes);
  for (const secret of ["personalId", old, young]) expect(text).not.toContain(secret);

  const after = { appId: world.appId, revision: 5, number: 1 };
  expect(nextCursor).toBe(encodeFeedCursor(after));
  const none = await readFeed(world.actor, world.appId, { after, limit: 9 });
  expect(none, "a reader keeps its place").toEqual({ changes: [], nextCursor, hasMore: false });
  const other = await makeDirectory([]);
  const elsewhere = readFeed(other.actor, other.appId, { after, limit: 9 });
  await expect(elsewhere).rejects.toMatchObject({ code: "invalid_input" });
  await asAdmin((client) =>
    client.query("DELETE FROM change_set WHERE revision = 5 AND app_id = $1", [world.appId]),
  );
  await expect(readFeed(world.actor, world.appId, { after, limit: 9 })).rejects.toMatchObject({
    code: "cursor_expired",
  });
});
