import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import pg from "pg";
import { v7 as newId } from "uuid";
import { describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { connectApp, makeOrganization } from "@/lib/testing/directory-sync";
import type { WalkRef } from "../../runs/checkpoint-lifetime";
import { databaseCheckpoint } from "./database-checkpoint";
import { fakeDirectory } from "./test-support/fake-directory";
import { lineOf, makeDirectory, mutate, mutations, organizations } from "./test-support/random-directory";
import { readFake } from "./test-support/read-fake";
import { readThrough } from "./test-support/read-through";

/** A new walk, and what its workers share. */
function openWalk(app: AppRef) {
  const walk: WalkRef = { ...app, walkId: newId() };
  const store = {
    checkpoint: databaseCheckpoint(walk, null),
    kill() {
      store.checkpoint = databaseCheckpoint(walk, null);
    },
  };
  /** Returns the stored places of all members. */
  const places = async () => {
    const { rows } = await inOrganizationSql(app, (client) =>
      client.query<{ id: string; departments: string[] }>(
        `SELECT user_id AS id, array_agg(department_id::text ORDER BY department_id::text COLLATE "C") AS departments
         FROM walk_member WHERE organization_id = $1 AND walk_id = $2 GROUP BY user_id`,
        [app.organizationId, walk.walkId],
      ),
    );
    return Object.fromEntries(rows.map(({ id, departments }) => [id, departments]));
  };
  return { walk, store, places };
}

/** Stores exactly these members in these departments. */
async function holdMembers(app: AppRef, people: Iterable<readonly [string, readonly string[]]>) {
  const rows = [...people].flatMap(([userId, ids]) => ids.map((id) => [userId, id] as const));
  await inOrganizationSql(app, async (client) => {
    const scope = [app.organizationId, app.appId];
    for (const table of ["member_place", "member"]) {
      await client.query(`DELETE FROM ${table} WHERE organization_id = $1 AND app_id = $2`, scope);
    }
    await client.query(
      `INSERT INTO member (organization_id, app_id, user_id, name, other_fields, since_revision, first_seen_at, changed_at)
       SELECT DISTINCT $1::uuid, $2::uuid, id, id, '{}'::text[], 0, now(), now() FROM unnest($3::text[]) AS row (id)
       ${NOTHING_CONFLICTS}`,
      [...scope, rows.map(([userId]) => userId)],
    );
    await client.query(
      `INSERT INTO member_place (organization_id, app_id, user_id, department_id, since_revision)
       SELECT $1, $2, user_id, department_id, 0 FROM unnest($3::text[], $4::bigint[]) AS row (user_id, department_id)
       ${NOTHING_CONFLICTS}`,
      [...scope, rows.map(([userId]) => userId), rows.map(([, id]) => id)],
    );
  });
}

describe("checkpoint in the database", () => {
  test("the checkpoint leads to no wrong removal and no missing member under random changes and kills", async () => {
    const app = await connectApp(await makeOrganization());
    const kills = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 2 });
    await fc.assert(
      fc.asyncProperty(
        organizations,
        mutations,
        kills,
        fc.boolean(),
        async (organization, changes, dieAfter, isFirst) => {
          const fake = makeDirectory(organization);
          const stored = { ...Object.fromEntries(fake.parents), 900: "1" };
          await holdMembers(app, [...(isFirst ? [] : fake.people), ["left", ["1"]]]);
          const { store, places } = openWalk(app);
          const touched = new Set<string>();
          const turn = (calls: number) => {
            for (const change of changes.filter(({ at }) => at === calls)) {
              for (const id of mutate(fake, change)) touched.add(id);
            }
          };
          const wantsDetails = organization.hasDetails ? () => true : null;
          const { result } = await readThrough(
            {
              fake,
              store,
              read: (checkpoint) => readFake(fake, stored, { checkpoint, wantsDetails }),
            },
            { kills: dieAfter, turn },
          );
          const { departments, gone, goneMembers, incompleteFor, suspicion } = result;

          for (const id of gone) expect(fake.parents.has(id), `${id} is there`).toBe(false);
          for (const id of goneMembers) expect(fake.people.has(id), `${id} is there`).toBe(false);
          if (incompleteFor !== null || suspicion !== null) return;
          expect([gone.has("900"), goneMembers.has("left")]).toEqual([true, true]);
          const stays = (id: string) => lineOf(fake.parents, id).every((each) => !touched.has(each));
          for (const id of fake.parents.keys()) if (stays(id)) expect(departments.has(id), id).toBe(true);
          const put = await places();
          for (const [userId, ids] of fake.people) {
            if (!touched.has(userId) && ids.every(stays))
              expect(put[userId], userId).toEqual([...ids].sort());
          }
        },
      ),
      // A run on Citus takes seconds
      { numRuns: process.env.CITUS_URL ? 8 : 40 },
    );
  }, 60_000);

  test("the checkpoint replaces the listed rows of a member who was looked up, also across a kill -9", async () => {
    const app = await connectApp(await makeOrganization());
    const { store, places } = openWalk(app);
    const fake = fakeDirectory({ 1: null, 2: "1", 3: "1" });
    fake.people.set("a", ["2"]).set("b", ["3"]);
    const twoRead = Promise.withResolvers<void>();
    fake.before = (request) => {
      if (request === "members 2") setImmediate(() => fake.people.set("a", ["3"]) && twoRead.resolve());
      return request === "members 3" ? twoRead.promise : undefined;
    };
    const findMissingMembers = async () => Promise.reject(new Error("killed"));
    const checkpoint = { ...store.checkpoint, findMissingMembers };
    await expect(readFake(fake, {}, { checkpoint })).rejects.toThrow("killed");
    expect(fake.count("member a")).toBe(1);
    expect(await places()).toEqual({ a: ["2", "3"], b: ["3"] });

    store.kill();
    await readFake(fake, {}, { checkpoint: store.checkpoint });
    expect(await places()).toEqual({ a: ["3"], b: ["3"] });
  });

  test("the checkpoint makes callers wait for the database, so that the buffer stays bounded", async () => {
    const app = await connectApp(await makeOrganization());
    const { walk, store } = openWalk(app);
    const blocker = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
    await blocker.connect();
    await blocker.query("BEGIN");
    await blocker.query(
      `INSERT INTO walk_list (organization_id, walk_id, app_id, department_id, children) VALUES ($1, $2, $3, 1, '[]')`,
      [walk.organizationId, walk.walkId, walk.appId],
    );
    let put = 0;
    const bring = async () => {
      for (; put < 12_000; put += 1) await store.checkpoint.putList(String(put + 1), []);
      await store.checkpoint.flush();
    };
    const brought = bring();
    await nextTurn();
    expect(put).toBeLessThan(6_000);

    await blocker.query("ROLLBACK");
    await blocker.end();
    await brought;
    expect([...(await store.checkpoint.load()).lists]).toHaveLength(12_000);
  });

  test("drops the members of a removed department, keeps second places, and repeats no call", async () => {
    const app = await connectApp(await makeOrganization());
    const { store, places } = openWalk(app);
    const fake = fakeDirectory({ 1: null, 2: "1", 3: "1", 4: "1" });
    for (const [userId, ids] of [
      ["a", "2"],
      ["b", "2"],
      ["c", "23"],
      ["d", "3"],
      ["e", "4"],
    ] as const) {
      fake.people.set(userId, ids.split(""));
    }
    await holdMembers(app, [["e", ["4"]]]);
    const [threeRead, fourRead] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    fake.before = async (request) => {
      if (request === "members 3") setImmediate(threeRead.resolve);
      if (request === "members 4") setImmediate(fourRead.resolve);
      if (request === "members 2 from 2") await threeRead.promise.then(() => fake.people.delete("a"));
      if (request !== "list 4") return;
      await fourRead.promise;
      fake.parents.delete("4");
      fake.people.delete("e");
    };
    const { goneMembers } = await readFake(fake, { 2: "1", 4: "1" }, { checkpoint: store.checkpoint });
    expect([...goneMembers]).toEqual(["e"]);
    expect(await places()).toEqual({ a: ["2"], b: ["2"], c: ["2", "3"], d: ["3"] });

    store.kill();
    fake.requests = [];
    await readFake(fake, {}, { checkpoint: store.checkpoint });
    // A member who is gone is still stored, and not in the checkpoint
    expect(fake.requests).toEqual(["scopes", "member e"]);
  });
});
