import { expect, test } from "vitest";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import { openAdmin, storedJobs } from "@/lib/jobs/test-support/stored-jobs";
import {
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { eraseDirectory } from "../retention/erase-directory";
import { asAdmin, makeDirectory } from "../tree/test-support/make-directory";
import { indexDirectory, sweepSearch } from "./index-directory";
import { indexNames, type Name, unindexNames } from "./index-names";
import { searchDirectory } from "./search-directory";

const admin = openAdmin();

type Directory = Awaited<ReturnType<typeof makeDirectory>>;

const find = async ({ actor, appId }: Omit<Directory, "organizationId">, text: string) => {
  const found = await searchDirectory(actor, appId, text, { locale: "en" });
  return found.ok && found.value.hitIds;
};

/** Returns all index rows of an app, in any order. */
const written = async ({ appId }: Pick<Directory, "appId">) =>
  (
    await admin.query<{ text: string }>(
      `SELECT concat_ws('/', kind, place, term, object_id) AS text FROM search_term WHERE app_id = $1
       UNION ALL SELECT concat_ws('/', kind, object_id, first, inside) FROM search_name WHERE app_id = $1 ORDER BY 1`,
      [appId],
    )
  ).rows.map(({ text }) => text);

test("replaces only the renamed object's terms, and leaves none of a removed name", async () => {
  const directory = await makeDirectory([]);
  const index = (...names: Name[]) =>
    inOrganizationSql(directory, (client) => indexNames(client, directory, names));
  const name = (id: string, text: string): Name => ({ kind: "member", id, name: text });
  await index(name("u2", "销售部"), { kind: "department", id: "u1", name: "销售部" });
  const others = await written(directory);
  await index(name("u1", "销售部"), name("u3", "部售销"));
  await index(name("u1", "研发部"), name("u3", "部售销"));
  const { rows: mine } = await admin.query<{ term: string }>(
    "SELECT term FROM search_term WHERE app_id = $1 AND object_id = 'u1' AND kind = 2 ORDER BY term COLLATE \"C\"",
    [directory.appId],
  );
  expect(mine.map(({ term }) => term)).toEqual([
    "bu",
    "fabu",
    "fb",
    "u1",
    "yanfabu",
    "yfb",
    "发部",
    "研发部",
    "部",
  ]);
  await inOrganizationSql(directory, (client) =>
    unindexNames(client, directory, "member", ["u1", "u3", "u4"]),
  );
  expect(await written(directory)).toEqual(others);
});

test("finds objects right after a sync, and renamed ones by the new name only", async () => {
  const dingtalk = await openDingtalk();
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const sync = () => syncNow(organization, app, toolsFor(dingtalk));
  const found = (text: string) => find({ actor: organization.reader, appId: app.appId }, text);
  await sync();
  const [{ id, name } = { id: 0, name: "" }] = dingtalk.control.listDepartments(CORP).slice(-1);
  expect(await found(name)).toContain(String(id));
  dingtalk.control.changeDirectory(CORP, [{ op: "rename_department", id, name: "改名部" }]);
  await sync();
  expect(await found(name)).not.toContain(String(id));
  expect(await found("gmb")).toEqual([String(id)]);
  const synced = await written(app);
  await asAdmin((client) =>
    client
      .query("DELETE FROM search_term WHERE app_id = $1", [app.appId])
      .then(() => client.query("DELETE FROM search_name WHERE app_id = $1", [app.appId])),
  );
  await indexDirectory(app);
  expect(await written(app), "the first sync writes in another way").toEqual(synced);
});

test("erases a deleted app's terms in batches, and indexes nothing for the app afterward", async () => {
  const directory = await makeDirectory([{ id: 1, name: "集团" }]);
  const { organizationId, appId } = directory;
  await admin.query(
    `INSERT INTO search_term (organization_id, app_id, kind, place, term, object_id)
     SELECT $1, $2, 1 + n % 2, n % 3 % 2, 'term' || n / 10, n FROM generate_series(1, 110000) n`,
    [organizationId, appId],
  );
  await admin.query("DELETE FROM dingtalk_app WHERE id = $1", [appId]);
  expect(await written(directory)).not.toEqual([]);
  await eraseDirectory({ organizationId, appId });
  expect(await written(directory)).toEqual([]);
  await indexDirectory({ organizationId, appId });
  expect(await written(directory)).toEqual([]);
  expect(await sweepSearch(organizationId)).toBe(0);
});

test("indexes older directories once by a job, correctly even when an object is renamed meanwhile", async () => {
  const directory = await makeDirectory([
    { id: 1, name: "集团" },
    { id: 2, parent: 1, name: "销售部", isRemoved: true },
    { id: 3, parent: 1, name: "华东部" },
  ]);
  const { organizationId, appId } = directory;
  const whole = await written(directory);
  const jobs = () => storedJobs(admin, "search.index", `${organizationId}/${appId}`);
  expect(await sweepSearch(organizationId)).toBe(0);
  await asAdmin((client) =>
    client.query("DELETE FROM search_term; DELETE FROM search_name; UPDATE dingtalk_app SET search_form = 0"),
  );
  expect(await find(directory, "hd")).toEqual([]);
  expect([await sweepSearch(organizationId), await sweepSearch(organizationId)]).toEqual([1, 1]);
  expect(await jobs()).toHaveLength(1);
  await indexDirectory({ organizationId, appId });
  expect(await written(directory)).toEqual(whole);
  expect(await find(directory, "hd")).toEqual(["3"]);
  expect(await sweepSearch(organizationId)).toBe(0);
});
