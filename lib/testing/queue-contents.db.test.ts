import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inOrganization } from "@/lib/db/unit-of-work";
import { sendJob } from "@/lib/jobs/send-job";
import { Redacted } from "@/lib/redacted";
import { storeVerifiedToken } from "@/lib/tokens/renewal/store-outcome";
import { assertCleanQueue } from "./assert-clean-queue";
import { makeApp, makeOrganization, type TestOrganization } from "./factories";
import { findInQueue } from "./queue-contents";

const { TEST_ADMIN_URL = "" } = process.env;
// The last four characters are stored too, so they must be none that an id can contain.
const SECRET = "what-nobody-may-see-first";
const TOKEN = "what-nobody-may-see-second";

let admin: pg.Client;
let organization: TestOrganization;
let appId: string;

beforeAll(async () => {
  admin = new pg.Client({ connectionString: TEST_ADMIN_URL });
  await admin.connect();
  organization = await makeOrganization();
  const { organizationId } = organization;
  ({ appId } = await makeApp({ appKey: "dingqueuecontents", appSecret: SECRET }, { organizationId }));
  const token = new Redacted(TOKEN);
  const answer = { token, expiresAt: new Date(Date.now() + 7_200_000), lifetimeSeconds: 7_200 };
  await inOrganization(organization, async (tx) => {
    await storeVerifiedToken(tx, organizationId, appId, { ...answer, source: "gettoken" });
    const department = { organizationId, appId, extra: {}, firstSeenAt: new Date(), changedAt: new Date() };
    const names = ["财务部二组", "added", "facade01"];
    await tx.department.createMany({
      data: names.map((name, index) => ({ ...department, departmentId: BigInt(index + 2), name })),
    });
  });
});
afterAll(() => admin.end());

beforeEach(async () => {
  const { organizationId } = organization;
  await sendJob("token.renew", { organizationId, appId }, { singletonKey: `${organizationId}/${appId}` });
});
// The check after this file must not find the planted values.
afterEach(() => admin.query("DELETE FROM pgboss.job"));

const plant = (column: string, value: unknown) =>
  admin.query(`UPDATE pgboss.job SET ${column} = $1`, [value]);

describe("S18 findInQueue", () => {
  test("finds nothing in the queue of an organization with an app, a token, a department and a job", async () => {
    expect((await admin.query("SELECT FROM pgboss.job")).rowCount).toBeGreaterThan(0);
    expect(await findInQueue(admin)).toEqual([]);
    await assertCleanQueue(TEST_ADMIN_URL);
  });

  test.each([
    ["an organization's name", "memberships.organization_name", () => organization.name],
    ["a person's e-mail", "memberships.email", () => organization.owner.email],
    ["a department's name", "department.name", () => "财务部二组"],
    ["an app's key", "dingtalk_app.app_key", () => "dingqueuecontents"],
    ["an app's secret", "an app's secret", () => SECRET],
    ["an app's token", "an app's token", () => TOKEN],
    ["a password", "a mark of a test", () => organization.owner.password],
  ])("finds %s in a job's data, output or key", async (_, kind, value) => {
    const places: [string, unknown][] = [
      ["data", { note: `about ${value()}` }],
      ["output", { message: [value()] }],
      ["singleton_key", value()],
    ];
    for (const [column, planted] of places) {
      await plant(column, planted);
      const error: unknown = await assertCleanQueue(TEST_ADMIN_URL).catch((thrown: unknown) => thrown);
      expect(String(error), column).toMatch(/^Error: S18: /);
      expect(String(error), column).toContain(`pgboss.job_common holds ${kind}`);
      expect(String(error), "the report does not contain the value").not.toContain(value());
      await plant(column, null);
    }
  });

  test("ignores values under 8 hexadecimal characters, which UUIDs contain by chance", async () => {
    await plant("data", { appId: "6f1added-0000-4000-8000-000000000000" });
    expect(await findInQueue(admin)).toEqual([]);
    await plant("data", { appId: "facade01-0000-4000-8000-000000000000" });
    expect(await findInQueue(admin)).toEqual(["pgboss.job_common holds department.name"]);
  });

  test("finds additional values in the queue", async () => {
    await plant("data", { note: "a mark of the browser's tests" });
    const marks = new Map([["a mark of the browser's tests", "its secret"]]);
    expect(await findInQueue(admin, marks)).toEqual(["pgboss.job_common holds its secret"]);
  });
});
