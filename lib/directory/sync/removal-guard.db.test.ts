import { expect, test } from "vitest";
import {
  asAdmin,
  connectApp,
  makeOrganization,
  openDingtalk,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { ZERO_COUNTS } from "../runs/run-counts";
import { directoryStore } from "./directory-store";
import { guardRun } from "./removal-guard";
import { readNothing } from "./test-support/read-nothing";

test("guardRun compares removed departments with all departments, and removed members with all members", async () => {
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  await syncNow(organization, app, toolsFor(await openDingtalk(8)));
  const [stored] = await asAdmin<{ departments: number; members: number }>(
    `SELECT (SELECT count(*)::int FROM department WHERE app_id = $1) - 1 AS departments,
       (SELECT count(*)::int FROM member WHERE app_id = $1) - 1 AS members`,
    [app.appId],
  );
  // Rows that were removed earlier don't count
  for (const [table, id] of [
    ["department", "department_id"],
    ["member", "user_id"],
  ])
    await asAdmin(
      `UPDATE ${table} SET removed_at = now()
       WHERE app_id = $1 AND ${id} = (SELECT max(${id}) FROM ${table} WHERE app_id = $1)`,
      [app.appId],
    );
  expect(stored?.departments).not.toBe(stored?.members);

  const { departments, members } = ZERO_COUNTS;
  const counts = { departments: { ...departments, removed: 1 }, members: { ...members, removed: 1 } };
  const store = directoryStore(app);
  const before = await store.loadDirectory();
  const settings = { ...before.settings, departmentsRemovable: 0, membersRemovable: 0 };
  expect(await guardRun(store, { read: readNothing(), counts }, { ...before, settings })).toMatchObject([
    { kind: "departments_above", removals: 1, of: stored?.departments },
    { kind: "members_above", removals: 1, of: stored?.members },
  ]);
});
