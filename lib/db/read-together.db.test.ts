import type pg from "pg";
import { expect, onTestFinished, test, vi } from "vitest";
import { addMember, makeOrganization } from "@/lib/testing/factories";
import { pool } from "./connection-pools";
import { readTogether } from "./unit-of-work";

const NOW = "SELECT now()::text AS started";
type Row = { readonly started: string };

const BOTH = "SELECT organization_id AS id FROM organization WHERE organization_id = ANY($1)";

test("reads of one organization in the same turn share a transaction", async () => {
  const { organizationId } = await makeOrganization();
  const scope = { organizationId };
  const [first, second] = await Promise.all([
    readTogether<Row>(scope, NOW, []),
    readTogether<Row>(scope, NOW, []),
  ]);
  // `now()` is the start of the transaction.
  expect(second[0]?.started).toBe(first[0]?.started);
  const [later] = await readTogether<Row>(scope, NOW, []);
  expect(later?.started).not.toBe(first[0]?.started);
});

test("reads of two scopes in the same turn see the rows of their own scope only", async () => {
  const [one, other] = [await makeOrganization(), await makeOrganization()];
  const member = await addMember(one, "viewer");
  const both = [[one.organizationId, other.organizationId]];
  const [ofOne, ofOther, ofPerson] = await Promise.all([
    readTogether({ organizationId: one.organizationId }, BOTH, both),
    readTogether({ organizationId: other.organizationId }, BOTH, both),
    readTogether({ userId: member.userId }, BOTH, both),
  ]);
  expect(ofOne).toEqual([{ id: one.organizationId }]);
  expect(ofOther).toEqual([{ id: other.organizationId }]);
  expect(ofPerson).toEqual([]);
});

test("reads run in a read-only transaction", async () => {
  const { organizationId } = await makeOrganization();
  const changing = readTogether(
    { organizationId },
    "UPDATE organization SET name = 'changed' WHERE organization_id = $1",
    [organizationId],
  );
  await expect(changing).rejects.toThrow(/read-only/);
});

test("a failed read fails later reads with the same error and returns its connection", async () => {
  const { organizationId } = await makeOrganization();
  const scope = { organizationId };
  const [before, failing, after] = await Promise.allSettled([
    readTogether<Row>(scope, NOW, []),
    readTogether<Row>(scope, "SELECT 1 / 0", []),
    readTogether<Row>(scope, NOW, []),
  ]);
  expect(before).toMatchObject({ status: "fulfilled" });
  expect(failing).toMatchObject({ status: "rejected", reason: { message: "division by zero" } });
  expect(after).toMatchObject({ status: "rejected", reason: { message: "division by zero" } });
  await expect(readTogether(scope, NOW, [])).resolves.toHaveLength(1);
  // Reads resolve before their transaction ends.
  await expect.poll(() => pool().totalCount - pool().idleCount).toBe(0);
});

test("reads that share a transaction are sent in one write", async () => {
  const { organizationId } = await makeOrganization();
  const client = await pool().connect();
  const { stream } = (client as unknown as pg.Client).connection;
  const [write, writev] = [vi.spyOn(stream, "_write"), vi.spyOn(stream, "_writev" as "_write")];
  client.release();
  onTestFinished(() => void vi.restoreAllMocks());
  await Promise.all(
    ["SELECT 1", "SELECT 2", "SELECT 3"].map((text) => readTogether({ organizationId }, text, [])),
  );

  expect(write.mock.calls.length + writev.mock.calls.length).toBe(1);
});
