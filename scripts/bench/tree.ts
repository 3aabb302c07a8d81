import { type Actor, grant } from "@/lib/auth/actor";
import { searchDirectory } from "@/lib/directory/search/search-directory";
import { getDepartmentDetail } from "@/lib/directory/tree/get-department-detail";
import { getTreeStart } from "@/lib/directory/tree/get-tree-start";
import { listChildren } from "@/lib/directory/tree/list-children";
import { type Planted, plantApp, plantDepartments } from "@/lib/directory/tree/test-support/plant";
import { makeOrganization } from "@/lib/testing/factories";
import type { MeasuredDatabase } from "./measuring/measured-database";
import { durationText, ratioText } from "./measuring/report";
import type { Measured, Part } from "./measuring/run-parts";
import { medianTimeOf } from "./measuring/timing";

const SIZES = [1_000, 100_000] as const;
const GOES = 50;
/** Departments in each of the lowest areas, so that a page of 200 is nearly full. */
const CHILDREN = 199;
const FIRST_AREA = 1_000;
const FIRST_UNIT = 1_000_000;
const LOCALE = "zh-CN";
/** Occurs in one name only. */
const RARE = "珠穆朗玛";

/** Makes a root, as many areas as needed, and their units. Numbers within a level are shuffled. */
function companyOf(count: number): Planted[] {
  const areas = Math.round(count / (CHILDREN + 1));
  const departments: Planted[] = [{ id: 1, parent: null, name: "某某集团" }];
  for (let area = 0; area < areas; area += 1) {
    departments.push({ id: FIRST_AREA + area, parent: 1, name: `第 ${area} 大区`, order: BigInt(area) });
    for (let unit = 0; unit < CHILDREN; unit += 1) {
      const id = FIRST_UNIT + area * CHILDREN + unit;
      departments.push({ id, parent: FIRST_AREA + area, name: id === FIRST_UNIT ? RARE : `部门 ${id}` });
    }
  }
  return departments;
}

type Directory = { readonly actor: Actor<"directory.read">; readonly appId: string };

/** Both directories exist before any measurement, because PostgreSQL would read a small table without its indexes. */
async function plantAll({ admin }: MeasuredDatabase): Promise<Directory[]> {
  const client = await admin.connect();
  const directories: Directory[] = [];
  for (const count of SIZES) {
    const { organizationId } = await makeOrganization();
    const appId = await plantApp(client, organizationId);
    await plantDepartments(client, { organizationId, appId }, companyOf(count));
    const actor = grant({ organizationId, role: "viewer", userId: null }, "directory.read");
    directories.push({ actor, appId });
  }
  // Autovacuum would do this within a minute.
  await client.query("VACUUM ANALYZE department");
  client.release();
  return directories;
}

/**
 * Measures the queries of a page with the application's role.
 *
 * @returns milliseconds per query
 */
async function measure({ actor, appId }: Directory): Promise<Record<string, number>> {
  const timeOf = (ask: () => Promise<unknown>) => medianTimeOf(GOES, ask);
  const search = (text: string) => timeOf(() => searchDirectory(actor, appId, text, { locale: LOCALE }));
  const parent = String(FIRST_AREA);
  const selectedId = String(FIRST_UNIT);
  return {
    "a page of 199 children": await timeOf(() => listChildren(actor, appId, { parent, locale: LOCALE })),
    "the path and details of one": await timeOf(() => getDepartmentDetail(actor, appId, { id: selectedId })),
    "the first view of the tree": await timeOf(() => getTreeStart(actor, appId, { locale: LOCALE })),
    "a search with one hit": await search(RARE),
    "a search that matches nearly all, 200 shown": await search("部门"),
  };
}

async function run(database: MeasuredDatabase): Promise<Measured> {
  const [few, many] = await plantAll(database);
  if (!few || !many) throw new Error("a directory is missing");
  const [small, large] = [await measure(few), await measure(many)];
  // A server of a later part would refuse secrets that none of its keys opens.
  await database.admin.query("DELETE FROM dingtalk_app WHERE sealed_secret = '\\x00'");
  const rows = Object.entries(small).map(([question, ms]) => {
    const largeMs = large[question] ?? Number.NaN;
    return [question, durationText(ms), durationText(largeMs), ratioText(largeMs, ms)];
  });
  const named = (count: number) => `${count.toLocaleString("en")} departments`;
  return {
    failures: [],
    section: {
      title: "Tree",
      about: `Database queries of the tree's pages, by calling their functions with the application's role; medians of ${GOES} calls.`,
      head: ["", named(SIZES[0]), named(SIZES[1]), "ratio"],
      rows,
    },
  };
}

/** Measures how queries of the tree grow with its size. */
export const tree: Part = { name: "tree", run };
