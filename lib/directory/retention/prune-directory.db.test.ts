import { randomUUID } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { asAdmin, connectApp, makeOrganization } from "@/lib/testing/directory-sync";
import { pruneDirectories } from "./prune-directory";

/** Creates apps of one organization with the same members, who were removed long ago. */
async function openRemoved(apps: number, userIds: readonly string[]) {
  const organization = await makeOrganization();
  const made: AppRef[] = [];
  for (let count = 0; count < apps; count += 1) {
    const app = await connectApp(organization, { appKey: `key-${randomUUID()}` });
    made.push(app);
    await inOrganizationSql(app, (client) =>
      client.query(
        `INSERT INTO member (organization_id, app_id, user_id, name, since_revision, first_seen_at, changed_at, removed_at)
         SELECT $1, $2, id, '张三', 1, now(), now(), now() - interval '400 days' FROM unnest($3::text[]) AS id`,
        [app.organizationId, app.appId, userIds],
      ),
    );
  }
  return made;
}

/** Makes every write to matching rows fail, like a constraint or a corrupt row. */
async function failFor(table: string, condition: string): Promise<void> {
  await asAdmin(`CREATE OR REPLACE FUNCTION fail_for_test() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a row that can not be written'; END $$`);
  await asAdmin(
    `CREATE TRIGGER fail_for_test BEFORE UPDATE OR DELETE ON ${table} FOR EACH ROW WHEN (${condition})
     EXECUTE FUNCTION fail_for_test()`,
  );
}

afterEach(() => asAdmin("DROP FUNCTION IF EXISTS fail_for_test CASCADE"));

const erased = async ({ appId }: AppRef) =>
  (
    await asAdmin<{ id: string }>(
      "SELECT user_id AS id FROM member WHERE app_id = $1 AND erased_at IS NOT NULL AND name = '' ORDER BY 1",
      [appId],
    )
  ).map(({ id }) => id);

describe("pruneDirectories", () => {
  test("erases members in batches, so that a failure takes back only its own batch", async () => {
    const [app] = await openRemoved(1, ["a", "b", "c", "d", "e"]);
    if (!app) throw new Error("no app");
    await failFor("member", "OLD.user_id = 'd'");
    await pruneDirectories(app.organizationId, { batch: 2 });
    expect(await erased(app)).toEqual(["a", "b"]);

    await asAdmin("DROP FUNCTION fail_for_test CASCADE");
    await pruneDirectories(app.organizationId, { batch: 2 });
    expect(await erased(app)).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("prunes the other apps, and unused personal values, when it fails for one", async () => {
    const apps = await openRemoved(3, ["a"]);
    const [failing, ...others] = apps.toSorted((a, b) => (a.appId < b.appId ? -1 : 1));
    if (!failing) throw new Error("no app");
    await asAdmin(
      `INSERT INTO member_personal (organization_id, id, app_id, user_id, sealed_values, created_at)
       SELECT organization_id, gen_random_uuid(), app_id, user_id, '', now() - interval '9 days' FROM member
       WHERE app_id = ANY ($1)`,
      [others.map(({ appId }) => appId)],
    );
    await failFor("member", `OLD.app_id = '${failing.appId}'`);
    await pruneDirectories(failing.organizationId);

    expect(await Promise.all(apps.map(erased))).toEqual(apps.map((app) => (app === failing ? [] : ["a"])));
    const left = await asAdmin("SELECT FROM member_personal WHERE organization_id = $1", [
      failing.organizationId,
    ]);
    expect(left).toEqual([]);
  });

  test("deletes the hidden history in batches, plan by plan, and keeps what can still be seen", async () => {
    const [app] = await openRemoved(1, []);
    if (!app) throw new Error("no app");
    const scope = [app.organizationId, app.appId];
    await inOrganizationSql(app, async (client) => {
      await client.query(
        `INSERT INTO change_set (organization_id, id, app_id, cause, planned_revision, revision, created_at, applied_at)
         SELECT $1::uuid, gen_random_uuid(), $2::uuid, 'run', n - 1, n, at, at
         FROM (SELECT n, now() - make_interval(days => 410 - n) AS at FROM generate_series(1, 5) AS n) old
         UNION ALL SELECT $1::uuid, gen_random_uuid(), $2::uuid, 'run', 5, 6, now(), now()`,
        scope,
      );
      await client.query(
        `INSERT INTO member_past (organization_id, app_id, user_id, from_revision, to_revision, name)
         SELECT $1::uuid, $2::uuid, 'u', n, n + 1, '张三' FROM generate_series(0, 5) AS n`,
        scope,
      );
    });
    await pruneDirectories(app.organizationId, { batch: 2 });

    expect(await asAdmin("SELECT revision FROM change_set WHERE app_id = $1", [app.appId])).toEqual([
      { revision: 6 },
    ]);
    const past = await asAdmin("SELECT to_revision AS to FROM member_past WHERE app_id = $1", [app.appId]);
    expect(past).toEqual([{ to: 6 }]);
  });
});
