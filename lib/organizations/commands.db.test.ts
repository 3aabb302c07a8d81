import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { findSession } from "@/lib/auth/sessions";
import { pool } from "@/lib/db/connection-pools";
import { inOrganization } from "@/lib/db/unit-of-work";
import { addMember, makeApp, makeOrganization, makeSession } from "@/lib/testing/factories";
import { renameOrganization, setTimeZone } from "./commands";
import { deleteOrganization } from "./delete-organization";
import { getOrganization, listOrganizations } from "./queries";

describe("renameOrganization", () => {
  test("renames the organization and the copies in its memberships only", async () => {
    const [own, other] = [await makeOrganization(), await makeOrganization()];
    const member = await addMember(own, "viewer");
    await addMember(other, "viewer", member);
    await renameOrganization(grant(own.owner, "organization.rename"), "新名");
    expect(await getOrganization(grant(member, "organization.read"))).toMatchObject({ name: "新名" });
    expect(await listOrganizations(member, "zh-CN")).toEqual(
      expect.arrayContaining([
        { publicId: own.publicId, name: "新名", role: "viewer" },
        { publicId: other.publicId, name: other.name, role: "viewer" },
      ]),
    );
    expect(await getOrganization(grant(other.owner, "organization.read"))).toMatchObject({
      name: other.name,
    });
  });
});

describe("setTimeZone", () => {
  const zoneOf = async ({ owner }: Awaited<ReturnType<typeof makeOrganization>>) =>
    (await getOrganization(grant(owner, "organization.read"))).timeZone;

  test("sets the zone of one organization; the default is Asia/Shanghai", async () => {
    const [own, other] = [await makeOrganization(), await makeOrganization()];
    expect(await zoneOf(own)).toBe("Asia/Shanghai");
    await setTimeZone(grant(own.owner, "organization.setTimeZone"), "Europe/Berlin");
    expect([await zoneOf(own), await zoneOf(other)]).toEqual(["Europe/Berlin", "Asia/Shanghai"]);
  });

  test("requires an admin to set the zone", async () => {
    const own = await makeOrganization();
    const [admin, viewer] = [await addMember(own, "admin"), await addMember(own, "viewer")];
    await setTimeZone(grant(admin, "organization.setTimeZone"), "UTC");
    expect(await zoneOf(own)).toBe("UTC");
    expect(() => grant(viewer, "organization.setTimeZone")).toThrow(
      expect.objectContaining({ code: "forbidden" }),
    );
  });
});

describe("deleteOrganization", () => {
  test("S25 deletes nothing unless the typed name matches", async () => {
    const { owner, name } = await makeOrganization();
    const actor = grant(owner, "organization.delete");
    for (const typed of ["", name.slice(1), `${name}x`, name.toUpperCase()])
      expect(await deleteOrganization(actor, typed), typed).toEqual({ ok: false, error: "typed_wrong" });
    expect(await getOrganization(grant(owner, "organization.read"))).toMatchObject({ name });
  });

  test("deletes only the organization's own rows and keeps its users", async () => {
    const [own, other] = [await makeOrganization(), await makeOrganization()];
    await addMember(other, "viewer", own.owner);
    const { sessionId } = await makeSession(own.owner);
    const actor = grant(own.owner, "organization.delete");
    expect(await deleteOrganization(actor, ` ${own.name} `)).toEqual({ ok: true, value: { name: own.name } });

    const left = await inOrganization(own, async (tx) => [
      await tx.organization.findMany({ where: { organizationId: own.organizationId } }),
      await tx.membership.findMany(),
    ]);
    expect(left).toEqual([[], []]);
    const { rows } = await pool().query("SELECT FROM organization_ids WHERE id = $1", [own.organizationId]);
    expect(rows).toEqual([]);
    expect(await findSession(sessionId)).not.toBeNull();
    expect(await listOrganizations(own.owner, "en")).toMatchObject([{ publicId: other.publicId }]);
  });

  test("deletes memberships before its directories are erased", async () => {
    const { organizationId, owner, name } = await makeOrganization();
    await makeApp({ appKey: "dingdeleted000000001", appSecret: "delete-test-secret" }, { organizationId });
    await deleteOrganization(grant(owner, "organization.delete"), name);
    expect(await listOrganizations(owner, "en")).toEqual([]);
  });

  test("succeeds for one of two concurrent deletions; later calls fail with not_found", async () => {
    const { owner, name, organizationId } = await makeOrganization();
    const actor = grant(owner, "organization.delete");
    const admin = new pg.Client({ connectionString: process.env.TEST_ADMIN_URL });
    await admin.connect();
    onTestFinished(() => admin.end());
    // The lock makes both calls find the organization before one deletes it.
    await admin.query("BEGIN");
    await admin.query("SELECT FROM organization WHERE organization_id = $1 FOR UPDATE", [organizationId]);
    const both = Promise.allSettled([1, 2].map(() => deleteOrganization(actor, name)));
    const sessions = process.env.CITUS_URL
      ? "SELECT DISTINCT global_pid FROM citus_stat_activity"
      : "SELECT FROM pg_stat_activity";
    const blocked = `${sessions} WHERE datname = current_database() AND wait_event_type = 'Lock'`;
    await expect.poll(async () => (await pool().query(blocked)).rowCount).toBe(2);
    await admin.query("ROLLBACK");
    const outcomes = await both;

    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const late = outcomes.find(({ status }) => status === "rejected");
    expect(late).toMatchObject({ reason: { code: "not_found" } });
    const rename = grant(owner, "organization.rename");
    for (const call of [() => deleteOrganization(actor, name), () => renameOrganization(rename, "x")]) {
      await expect(call()).rejects.toMatchObject({ code: "not_found" });
    }
  });

  test("reads fail with not_found after the organization is deleted", async () => {
    const { owner, name } = await makeOrganization();
    await deleteOrganization(grant(owner, "organization.delete"), name);
    await expect(getOrganization(grant(owner, "organization.read"))).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

test("lists a user's organizations in the order of the locale", async () => {
  const { owner } = await makeOrganization();
  for (const name of ["张三", "李四", "Zeta", "alpha"]) {
    const { organizationId } = await makeOrganization();
    await addMember({ organizationId, name }, "viewer", owner);
  }
  const names = async (locale: string, letters: RegExp) =>
    (await listOrganizations(owner, locale))
      .map(({ name }) => name)
      .filter((name) => letters.test(name) && !name.startsWith("组织"));
  expect(await names("en", /^[a-z]/i)).toEqual(["alpha", "Zeta"]);
  expect(await names("zh-CN", /^\p{Script=Han}/u)).toEqual(["李四", "张三"]);
});
