import { describe, expect, test } from "vitest";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import {
  asAdmin,
  CORP,
  connectApp,
  makeOrganization,
  openDingtalk,
  syncNow,
  toolsFor,
} from "@/lib/testing/directory-sync";
import { openPersonal, personalSealer, writePersonal } from "./sealed-values";

type Sealed = { id: string; userId: string; sealed: Buffer };

const sealedOf = (appId: string) =>
  asAdmin<Sealed>(
    `SELECT id, user_id AS "userId", sealed_values AS sealed FROM member_personal WHERE app_id = $1`,
    [appId],
  );

async function openApp(keepsPersonal: boolean) {
  const dingtalk = await openDingtalk(5);
  const organization = await makeOrganization();
  const { organizationId } = organization;
  await inOrganization(organization, (tx) =>
    tx.organization.update({ where: { organizationId }, data: { keepsPersonal } }),
  );
  const app = await connectApp(organization);
  const sync = () => syncNow(organization, app, toolsFor(dingtalk));
  return { dingtalk, organizationId, app, sync };
}

/** Returns all text and bytes in the database, as the superuser. */
async function everything(): Promise<string> {
  const tables = await asAdmin<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'pgboss')`,
  );
  const texts = await Promise.all(
    tables.map(async ({ name }) => {
      const [row] = await asAdmin<{ all: string | null }>(
        `SELECT string_agg(t::text, ' ') AS all FROM ${name} t`,
      );
      return row?.all ?? "";
    }),
  );
  return texts.join("\n");
}

describe("S33 personal values of members", () => {
  test("stores no personal values when the organization doesn't keep them", async () => {
    const { dingtalk, app, sync } = await openApp(false);
    expect(await sync()).toMatchObject({ state: "succeeded" });
    const person = dingtalk.control.findPerson(CORP, dingtalk.control.listMembers(CORP, 1)[0]?.userid ?? "");
    expect(person?.mobile).toMatch(/^1\d{10}$/);
    expect(await sealedOf(app.appId)).toEqual([]);
    const all = await everything();
    expect(all).toContain(person?.userid);
    expect(all).not.toContain(person?.mobile);
    expect(all).not.toContain("未来科技城");
  });

  test("seals personal values, each for its own row, and shares a row for equal ones", async () => {
    const { dingtalk, organizationId, app, sync } = await openApp(true);
    await sync();
    const first = await sealedOf(app.appId);
    const person = dingtalk.control.findPerson(CORP, dingtalk.control.listMembers(CORP, 1)[0]?.userid ?? "");
    const mine = first.find(({ userId }) => userId === person?.userid);
    expect(openPersonal(organizationId, mine?.id ?? "", mine?.sealed ?? Buffer.alloc(0))).toMatchObject({
      mobile: person?.mobile,
      work_place: "未来科技城",
    });
    const other = first.find(({ userId }) => userId !== person?.userid);
    expect(() => openPersonal(organizationId, other?.id ?? "", mine?.sealed ?? Buffer.alloc(0))).toThrow();
    expect(await everything()).not.toContain(person?.mobile);

    expect(await sync()).toMatchObject({ membersChanged: 0, membersUnchanged: first.length });
    expect(await sealedOf(app.appId)).toHaveLength(first.length);
  });

  test.each([
    [true, 1],
    [false, 0],
  ])(
    "writes a personal value only while the organization keeps it, at the moment of writing: %s",
    async (keeps, rows) => {
      const { app } = await openApp(keeps);
      const sealed = (await personalSealer(app))("zhang", { mobile: "13900000000" });
      if (!sealed) throw new Error("nothing was sealed");
      await inOrganizationSql(app, (client) => writePersonal(client, app, [sealed]));
      expect(await sealedOf(app.appId)).toHaveLength(rows);
    },
  );
});
