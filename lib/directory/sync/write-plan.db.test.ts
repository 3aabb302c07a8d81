import { describe, expect, test } from "vitest";
import { inOrganization } from "@/lib/db/unit-of-work";
import {
  asAdmin,
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  queueSync,
  readApp,
  readDepartments,
  readRun,
  rowVersions,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";
import type { AppRef } from "../refs";
import { loadHeldDepartments } from "./held-departments";
import { type DepartmentRow, type Plan, planChanges } from "./plan";
import { beginRun } from "./run-records";
import { writePlan } from "./write-plan";

const row = (departmentId: number | string, rest: Partial<DepartmentRow> = {}): DepartmentRow => ({
  departmentId: String(departmentId),
  parentId: null,
  name: `部门 ${departmentId}`,
  order: null,
  sourceIdentifier: null,
  extra: "{}",
  ...rest,
});

const planOf = (rows: readonly DepartmentRow[], removals: readonly string[] = []): Plan => ({
  writes: rows.map((each) => ({ ...each, kind: "added", isRenamed: false })),
  removals,
  counts: { added: rows.length, changed: 0, moved: 0, removed: removals.length, unchanged: 0 },
});

const options = (rowsPerStatement?: number) => ({
  incompleteFor: null,
  counters: { departmentsSeen: 0, calls: 0, throttles: 0 },
  ...(rowsPerStatement && { rowsPerStatement }),
});

async function openApp() {
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const begin = async () => {
    const run = await beginRun(await queueSync(organization, app));
    if (!run) throw new Error("no run");
    return run;
  };
  const write = async (plan: Plan, rowsPerStatement?: number) =>
    writePlan(await begin(), plan, options(rowsPerStatement));
  return { organization, app, begin, write };
}

const nextStateOf = async (app: AppRef, rows: readonly DepartmentRow[]) => {
  const departments = new Map(
    rows.map(({ departmentId, parentId, name, order, sourceIdentifier, extra }) => [
      departmentId,
      {
        parentId,
        department: {
          departmentId,
          parentId,
          name,
          order,
          sourceIdentifier,
          isFromUnionOrg: null,
          extra: JSON.parse(extra),
        },
        details: null,
      },
    ]),
  );
  return planChanges(await loadHeldDepartments(app), { departments, gone: new Set() });
};

describe("writePlan", () => {
  test("of 10,000 departments leaves nothing to change when they are read back", async () => {
    const { app, write } = await openApp();
    const rows = Array.from({ length: 10_000 }, (_, n) =>
      row(n + 1, { parentId: n === 0 ? null : String(Math.floor(n / 8) + 1), extra: `{"n":${n}}` }),
    );
    await write(planOf(rows));

    expect((await readDepartments(app)).size).toBe(10_000);
    expect((await nextStateOf(app, rows)).writes).toEqual([]);
  });

  test("keeps every name and field as it came, byte for byte", async () => {
    const { app, write } = await openApp();
    const names = [
      "",
      " ",
      "  空格  ",
      "<script>alert(1)</script>",
      "'; DROP TABLE department; --",
      '{a,"b",NULL}',
      "NULL",
      "\\x00\\n",
      "a\tb\nc\rd",
      "\u202Egnp.exe",
      "\u200B零宽\uFEFF",
      "👩‍👩‍👧‍👦 家",
      "Ａ＝１",
      "=cmd|'/c calc'!A1",
      "é vs é",
      "\uFFFD",
      "\u0001\u001f\u007f",
      "名".repeat(4_000),
    ];
    const rows = names.map((name, n) =>
      row(n + 1, {
        name,
        sourceIdentifier: name || null,
        order: "-9223372036854775808",
        extra: JSON.stringify({ [name]: [name, { __proto__x: name }] }),
      }),
    );
    await write(planOf(rows), 5);

    const held = await readDepartments(app);
    expect([...held.values()].map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const [index, name] of names.entries()) {
      const [bytes] = await asAdmin<{ hex: string }>(
        "SELECT encode(convert_to(name, 'UTF8'), 'hex') AS hex FROM department WHERE app_id = $1 AND department_id = $2",
        [app.appId, index + 1],
      );
      expect(bytes?.hex, name).toBe(Buffer.from(name, "utf8").toString("hex"));
    }
    expect((await nextStateOf(app, rows)).writes).toEqual([]);
  });

  test("takes ids and orders up to the last that a row can hold", async () => {
    const { app, write } = await openApp();
    const rows = [row("9223372036854775807", { order: "9223372036854775807", parentId: "9007199254740993" })];
    await write(planOf(rows));

    const [held] = [...(await readDepartments(app)).values()];
    expect(held).toMatchObject({ departmentId: 9223372036854775807n, parentId: 9007199254740993n });
  });

  test("is all or nothing: a row that cannot be written leaves the tree and the run as they were", async () => {
    const { app, begin, write } = await openApp();
    await write(planOf([row(1), row(2)]));
    const before = await rowVersions(app);
    const run = await begin();
    const broken = planOf([row(3), row(4), row("99999999999999999999")], ["2"]);

    await expect(writePlan(run, broken, options(1))).rejects.toMatchObject({ code: "22003" });
    expect(await rowVersions(app)).toBe(before);
    expect(await readRun(run)).toMatchObject({ state: "running", added: 0 });
    expect(await readApp(app)).toMatchObject({ activeRunId: run.runId });
  });

  test("touches no other app's rows, of the same organization or of another, whatever the ids", async () => {
    const [mine, theirs] = [await openApp(), await openApp()];
    const second = await connectApp(mine.organization, { appKey: "another" });
    for (const each of [mine, theirs]) await each.write(planOf([row(1), row(2)]));
    const run = await beginRun(await queueSync(mine.organization, second));
    if (!run) throw new Error("no run");
    const before = [await rowVersions(mine.app), await rowVersions(theirs.app)];
    await writePlan(run, planOf([row(1, { name: "其他" })], ["2"]), options());

    expect([await rowVersions(mine.app), await rowVersions(theirs.app)]).toEqual(before);
    expect((await readDepartments(second)).size).toBe(1);
  });

  test("writes no row that is as it should be, whatever the plan says", async () => {
    const { app, write } = await openApp();
    const rows = [
      row(1, { order: "5", sourceIdentifier: "HR", extra: '{"a":[1]}' }),
      row(2, { parentId: "1" }),
    ];
    await write(planOf(rows));
    const before = await rowVersions(app);
    await write(planOf(rows.map((each) => ({ ...each, order: null }))));

    expect(await rowVersions(app)).toBe(before);
  });

  test("does not mark a department removed that was removed before", async () => {
    const { app, write } = await openApp();
    await write(planOf([row(1), row(2)]));
    await write(planOf([], ["2"]));
    const before = await rowVersions(app);
    await write(planOf([], ["2"]));

    expect(await rowVersions(app)).toBe(before);
  });

  test("of a run of an app that was deleted writes nothing", async () => {
    const { organization, app, begin } = await openApp();
    const run = await begin();
    await inOrganization(organization, (tx) =>
      tx.dingtalkApp.deleteMany({ where: { organizationId: app.organizationId, id: app.appId } }),
    );

    await expect(writePlan(run, planOf([row(1)]), options())).rejects.toMatchObject({ name: "RunIsOver" });
    expect(await rowVersions(app)).toBe("");
  });
});

test("departments with odd names come through a whole sync unchanged", async () => {
  const dingtalk = await openDingtalk(0);
  const organization = await makeOrganization();
  const app = await connectApp(organization);
  const names = ["<b>粗</b>", "\u202Eevil", "  spaces  ", "=1+1", "👨‍💻", "名".repeat(128), "a\\u0000b"];
  dingtalk.control.changeDirectory(
    CORP,
    names.map((name, n) => ({ op: "add_department" as const, parentId: 1, id: 100 + n, name })),
  );
  await syncNow(organization, app, toolsFor(dingtalk));

  const held = await readDepartments(app);
  expect(names.map((_, n) => held.get(100 + n)?.name)).toEqual(names);
});
