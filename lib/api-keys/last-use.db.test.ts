import { expect, onTestFinished, test, vi } from "vitest";
import { grant } from "@/lib/auth/actor";
import { pool } from "@/lib/db/connection-pools";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeOrganization } from "@/lib/testing/factories";
import { findKey } from "./authenticate-key";
import { createKey } from "./create-key";
import { recordUse, writeUses } from "./last-use";
import { createKeyInput } from "./schema";

async function makeUsedKey(address: string) {
  const organization = await makeOrganization();
  const made = await createKey(
    grant(organization.owner, "key.manage"),
    createKeyInput.parse({ name: "erp", scopes: "apps:read" }),
  );
  if (!made.ok) throw new Error(made.error.code);
  const { key } = await findKey(made.value.key.reveal(), address);
  return { organization, key, address };
}

const lastUseOf = ({ organization, key }: Awaited<ReturnType<typeof makeUsedKey>>) =>
  inOrganization(organization, (tx) =>
    tx.apiKey.findUniqueOrThrow({
      where: { organizationId_id: { organizationId: organization.organizationId, id: key.keyId } },
      select: { lastUsedAt: true, lastUsedAddress: true },
    }),
  );

test("one statement writes the last uses of keys of all organizations", async () => {
  const used = await Promise.all([makeUsedKey("198.51.100.7"), makeUsedKey("2001:db8::7")]);
  for (const { key, address } of used) recordUse(key, address);
  const asked = vi.spyOn(pool(), "query");
  onTestFinished(() => asked.mockRestore());
  await writeUses();
  const statements = asked.mock.calls.map(([first]) => JSON.stringify(first));
  expect(statements.filter((sql) => sql.includes("write_key_uses"))).toHaveLength(1);

  for (const one of used) {
    expect(await lastUseOf(one)).toEqual({ lastUsedAt: expect.any(Date), lastUsedAddress: one.address });
  }
});

test("a use with another organization's id changes no key", async () => {
  const [mine, theirs] = [await makeUsedKey("198.51.100.8"), await makeUsedKey("198.51.100.9")];
  recordUse({ ...theirs.key, organizationId: mine.organization.organizationId }, "203.0.113.1");
  await writeUses();
  expect(await lastUseOf(theirs)).toEqual({ lastUsedAt: null, lastUsedAddress: null });
});

test("an older use does not overwrite a newer one of another process", async () => {
  const used = await makeUsedKey("198.51.100.10");
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
  onTestFinished(() => void vi.useRealTimers());
  recordUse(used.key, "198.51.100.11");
  await writeUses();
  vi.setSystemTime(Date.now() - 30_000);
  recordUse(used.key, "198.51.100.10");
  await writeUses();
  expect(await lastUseOf(used)).toMatchObject({ lastUsedAddress: "198.51.100.11" });
});
