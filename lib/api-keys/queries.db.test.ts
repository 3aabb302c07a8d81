import { expect, test } from "vitest";
import { grant } from "@/lib/auth/actor";
import { makeOrganization, type TestMember } from "@/lib/testing/factories";
import { createKey } from "./create-key";
import { listKeys } from "./queries";
import { revokeKey } from "./revoke-key";
import { createKeyInput } from "./schema";

async function makeKey(owner: TestMember, name: string) {
  const input = createKeyInput.parse({ name, scopes: "apps:manage" });
  const made = await createKey(grant(owner, "key.manage"), input);
  if (!made.ok) throw new Error(made.error.code);
  return made.value;
}

const namesOf = async (owner: TestMember) =>
  (await listKeys(grant(owner, "key.read"))).map(({ name, state }) => [name, state]);

test("lists the organization's keys, active and newest first, without the secret", async () => {
  const [{ owner }, other] = [await makeOrganization(), await makeOrganization()];
  const first = await makeKey(owner, "first");
  await makeKey(owner, "second");
  await makeKey(owner, "third");
  await makeKey(other.owner, "another organization's");
  await revokeKey(grant(owner, "key.manage"), first.keyId);

  expect(await namesOf(owner)).toEqual([
    ["third", "active"],
    ["second", "active"],
    ["first", "revoked"],
  ]);
  expect(JSON.stringify(await listKeys(grant(owner, "key.read")))).not.toContain(first.key.reveal());
});
