import fc from "fast-check";
import type { AppRef } from "@/lib/app-ref";
import { inOrganizationSql } from "@/lib/db/unit-of-work";
import type { ListedMember } from "@/lib/dingtalk/members";
import { connectApp, makeOrganization, queueSync } from "@/lib/testing/directory-sync";
import { beginRun } from "../../runs/begin-run";
import { applyRun } from "../../sync/apply-run";
import { directoryStore } from "../../sync/directory-store";
import { planRun } from "../../sync/plan/plan-run";
import { databaseCheckpoint } from "../../sync/read/database-checkpoint";
import { toReadDepartment } from "../../sync/read/department-tree";
import type { ReadDirectory } from "../../sync/read/read-directory";
import { department } from "../../sync/read/test-support/fake-directory";
import { readNothing } from "../../sync/test-support/read-nothing";

/** A directory in a test's notation: departments by id, members by userid. */
export type World = {
  readonly departments: ReadonlyMap<number, { readonly parent: number | null; readonly name: string }>;
  readonly members: ReadonlyMap<string, { readonly name: string; readonly places: readonly number[] }>;
};

const ids = fc.uniqueArray(fc.integer({ min: 2, max: 14 }), { maxLength: 10 });

/** Any tree below 1, with members in one department, in several or in none. */
export const world: fc.Arbitrary<World> = fc
  .record({ ids, seeds: fc.array(fc.nat(), { minLength: 64, maxLength: 64 }) })
  .map(({ ids: below, seeds }) => {
    let at = 0;
    const next = (n: number) => (seeds[at++ % seeds.length] ?? 0) % n;
    const departments = new Map([[1, { parent: null as number | null, name: "根" }]]);
    for (const id of below) {
      const above = [...departments.keys()];
      departments.set(id, { parent: above[next(above.length)] ?? 1, name: `部门 ${next(3)}` });
    }
    const all = [...departments.keys()];
    const members = new Map(
      Array.from({ length: next(9) }, () => next(12)).map((n) => {
        const places = [...new Set(Array.from({ length: next(4) }, () => all[next(all.length)] ?? 1))];
        return [`u${n}`, { name: `员工 ${next(3)}`, places: places.sort((a, b) => a - b) }];
      }),
    );
    return { departments, members };
  });

const listed = (
  userId: string,
  { name, places }: { name: string; places: readonly number[] },
): ListedMember => ({
  userId,
  unionId: null,
  name,
  title: null,
  jobNumber: null,
  isActive: true,
  isAdmin: false,
  isBoss: false,
  isExclusive: null,
  hidesMobile: false,
  departmentIds: places.map(String),
  personal: {},
  otherFields: [],
  isLeader: false,
  order: null,
});

/** Returns the result of a complete read of a world. */
const readOf = (
  { departments }: World,
  gone: Iterable<string>,
  goneMembers: Iterable<string>,
): ReadDirectory =>
  readNothing({
    departments: new Map(
      [...departments].map(([id, { parent, name }]) => {
        const parentId = parent === null ? null : String(parent);
        return [String(id), toReadDepartment(department(String(id), parentId, { name }), parentId)];
      }),
    ),
    gone: new Set(gone),
    goneMembers: new Set(goneMembers),
  });

export async function openApp() {
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  /** Runs a sync whose read result is the world. @returns the run's id */
  const become = async (next: World, order: (n: number) => number = (n) => n): Promise<string> => {
    const run = await beginRun(await queueSync(organization, app));
    if (!run) throw new Error("no run");
    const checkpoint = databaseCheckpoint(run, null);
    const rows = [...next.members].flatMap(([userId, member]) =>
      member.places.map((departmentId) => ({ departmentId, member: listed(userId, member) })),
    );
    rows.sort((a, b) => order(a.departmentId) - order(b.departmentId));
    for (const id of next.departments.keys()) await checkpoint.putMembers(String(id), [], null);
    for (const { departmentId, member } of rows)
      await checkpoint.putMembers(String(departmentId), [member], null);
    for (const [userId, member] of next.members) {
      if (member.places.length > 0) continue;
      await checkpoint.putMember({ ...listed(userId, member), managerUserId: null, places: [] });
    }
    await checkpoint.flush();
    const stored = await directoryStore(app).loadDepartments();
    const gone = [...stored.keys()].filter((id) => !next.departments.has(Number(id)));
    const read = readOf(next, gone, (await present(app)).members.keys());
    const counts = await planRun(run, read, stored);
    await applyRun(
      run,
      { read, counts, heldFor: [] },
      {
        departmentsSeen: 0,
        membersSeen: 0,
        calls: 0,
        throttles: 0,
        callsByApi: {},
      },
    );
    return run.runId;
  };
  return { app, organization, become };
}

type Row = { id: number; parent: number | null; name: string };
type Person = { id: string; name: string; places: number[] };

const toWorld = (departments: readonly Row[], members: readonly Person[]): World => ({
  departments: new Map(departments.map(({ id, parent, name }) => [id, { parent, name }])),
  members: new Map(members.map(({ id, name, places }) => [id, { name, places }])),
});

export const present = ({ organizationId, appId }: AppRef): Promise<World> =>
  inOrganizationSql({ organizationId }, async (client) => {
    const departments = await client.query<Row>(
      `SELECT department_id::int AS id, parent_id::int AS parent, name FROM department
       WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL`,
      [organizationId, appId],
    );
    const members = await client.query<Person>(
      `SELECT user_id AS id, name, ARRAY(SELECT department_id::int FROM member_place p
         WHERE p.organization_id = $1 AND p.app_id = $2 AND p.user_id = m.user_id ORDER BY 1) AS places
       FROM member m WHERE organization_id = $1 AND app_id = $2 AND removed_at IS NULL`,
      [organizationId, appId],
    );
    return toWorld(departments.rows, members.rows);
  });
