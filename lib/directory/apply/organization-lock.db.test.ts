import { randomUUID } from "node:crypto";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { LIMITS } from "@/lib/db/time-limits";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { SESSIONS } from "@/lib/testing/connections";
import { asAdmin, connectApp, makeOrganization } from "@/lib/testing/directory-sync";
import { setKeepsPersonal } from "../personal/storage-setting";
import { pruneDirectories } from "../retention/prune-directory";
import { applyChanges } from "./apply-changes";
import { memberState, storeSet } from "./test-support/store-set";

/** Applies a set and blocks it while it writes members, until the test releases it. */
async function openApplying() {
  const organization = await makeOrganization();
  const { organizationId, userId } = organization;
  const app = await connectApp(organization);
  const owner = grant({ organizationId, role: "owner", userId }, "organization.setPersonal");
  await setKeepsPersonal(owner, true);
  const personal = randomUUID();
  const setId = await inOrganizationSql(app, (client) =>
    storeSet(client, app, [{ objectId: "zhang", kind: "added", after: memberState("张三", personal) }]),
  );
  const blocker = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
  await blocker.connect();
  onTestFinished(() => blocker.end());
  await blocker.query("BEGIN");
  await blocker.query(
    `INSERT INTO member (organization_id, app_id, user_id, name, since_revision, first_seen_at, changed_at)
     VALUES ($1, $2, 'zhang', 'blocked', 1, now(), now())`,
    [organizationId, app.appId],
  );
  const applied = inOrganizationSql(
    app,
    (client) => applyChanges(client, { ...app, setId }),
    LIMITS.directory,
  );
  await expect
    .poll(() =>
      asAdmin(
        `SELECT FROM ${SESSIONS} WHERE datname = current_database() AND wait_event_type = 'Lock'
         AND query ~ 'INSERT INTO (public\\.)?member(_[0-9]+)? AS stored'`,
      ),
    )
    .toHaveLength(1);
  const finish = async () => {
    await blocker.query("ROLLBACK");
    await applied;
  };
  const personalIds = async () =>
    (
      await asAdmin<{ id: string | null }>("SELECT personal_id AS id FROM member WHERE app_id = $1", [
        app.appId,
      ])
    ).map(({ id }) => id);
  return { organizationId, owner, personal, finish, personalIds };
}

test("renames an organization and connects an app while a directory is written", async () => {
  const { organizationId, personal, finish, personalIds } = await openApplying();
  const run = (sql: string) =>
    inOrganizationSql({ organizationId }, (client) => client.query(sql, [organizationId]));

  expect(await run("UPDATE organization SET name = '新名' WHERE organization_id = $1")).toMatchObject({
    rowCount: 1,
  });
  expect(await run("SELECT FROM organization WHERE organization_id = $1 FOR UPDATE")).toMatchObject({
    rowCount: 1,
  });
  await finish();
  expect(await personalIds()).toEqual([personal]);
});

test("S33 a directory write stores no personal fields after they were switched off during the write", async () => {
  const { owner, finish, personalIds } = await openApplying();
  await setKeepsPersonal(owner, false);
  await finish();

  expect(await personalIds()).toEqual([null]);
});

test("S33 housekeeping erases personal fields that a process left behind when they were switched off", async () => {
  const organization = await makeOrganization();
  const { organizationId } = organization;
  const { appId } = await connectApp(organization);
  await asAdmin(
    `INSERT INTO member_personal (organization_id, id, app_id, user_id, sealed_values)
     VALUES ($1, gen_random_uuid(), $2, 'zhang', '')`,
    [organizationId, appId],
  );
  await asAdmin("UPDATE organization SET keeps_personal = false WHERE organization_id = $1", [
    organizationId,
  ]);
  await pruneDirectories(organizationId);

  expect(await asAdmin("SELECT FROM member_personal WHERE organization_id = $1", [organizationId])).toEqual(
    [],
  );
});
