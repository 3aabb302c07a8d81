import { describe, expect, onTestFinished, test, vi } from "vitest";
import { grant } from "@/lib/auth/actor";
import { isListening } from "@/lib/db/notifications";
import { inOrganization } from "@/lib/db/unit-of-work";
import { countConnectionsOf } from "@/lib/testing/connections";
import { makeOrganization, type TestOrganization } from "@/lib/testing/factories";
import { findKey } from "./authenticate-key";
import { createKey } from "./create-key";
import { makeKey, readKey } from "./key-format";
import { revokeKey } from "./revoke-key";
import { type CreateKeyInput, createKeyInput } from "./schema";

let addresses = 0;
const makeAddress = () => `198.51.100.${++addresses}`;

async function makeTestKey(organization: TestOrganization, more: Partial<CreateKeyInput> = {}) {
  const input = { ...createKeyInput.parse({ name: "erp", scopes: "apps:read" }), ...more };
  const made = await createKey(grant(organization.owner, "key.manage"), input);
  if (!made.ok) throw new Error(made.error.code);
  return { text: made.value.key.reveal(), keyId: made.value.keyId };
}

const failsWith = (code: string) => expect.objectContaining({ code });

describe("findKey", () => {
  test("S11 keys have at least 160 random bits after the organization's public id and are stored as SHA-256", async () => {
    const organization = await makeOrganization();
    const { text, keyId } = await makeTestKey(organization);
    expect(text.startsWith(`dk_${organization.publicId}_`)).toBe(true);
    expect((text.length - `dk_${organization.publicId}_`.length) * 4).toBeGreaterThanOrEqual(160 + 16);
    const { organizationId } = organization;
    const row = await inOrganization(organization, (tx) =>
      tx.apiKey.findUniqueOrThrow({ where: { organizationId_id: { organizationId, id: keyId } } }),
    );
    expect(Buffer.from(row.keyHash)).toEqual(readKey(text)?.hash);
    expect(JSON.stringify(row)).not.toContain(text.slice(-10));
    expect(row.createdBy, "creator").toBe(organization.owner.email);
  });

  test("finds a cached key without the database", async () => {
    const { text, keyId } = await makeTestKey(await makeOrganization());
    const address = makeAddress();
    expect(await findKey(text, address)).toMatchObject({ isStale: false, key: { keyId } });
    await expect.poll(() => countConnectionsOf(() => findKey(text, address))).toBe(0);
  });

  test("reads a key once for concurrent requests", async () => {
    const { text } = await makeTestKey(await makeOrganization());
    const address = makeAddress();
    const queries = await countConnectionsOf(() =>
      Promise.all(Array.from({ length: 50 }, () => findKey(text, address))),
    );
    expect(queries).toBe(1);
  });

  test("rejects a revoked key as soon as the notice arrives, and an expired key", async () => {
    const organization = await makeOrganization();
    const { text, keyId } = await makeTestKey(organization);
    await findKey(text, makeAddress());
    await revokeKey(grant(organization.owner, "key.manage"), keyId);
    // Less than the 15 s after which the key is read again without a notice.
    await expect
      .poll(() => findKey(text, "192.0.2.1").catch((error) => error), { timeout: 10_000 })
      .toEqual(failsWith("unauthenticated"));

    const short = await makeTestKey(organization, { expiryDays: -1 });
    await expect(findKey(short.text, makeAddress())).rejects.toEqual(failsWith("unauthenticated"));
  });

  test("rejects a key with another organization's id and a modified key", async () => {
    const { text } = await makeTestKey(await makeOrganization());
    const other = await makeOrganization();
    const elsewhere = text.replace(/^dk_[^_]+/, `dk_${other.publicId}`);
    const changed = text.slice(0, -1) + (text.endsWith("0") ? "1" : "0");
    for (const wrong of [
      elsewhere,
      changed,
      "dk_",
      "",
      "x".repeat(5_000),
      makeKey(other.organizationId).key.reveal(),
    ]) {
      await expect(findKey(wrong, makeAddress())).rejects.toEqual(failsWith("unauthenticated"));
    }
  });

  test("rejects a key that is used from an address outside its networks", async () => {
    const { text } = await makeTestKey(await makeOrganization(), { networks: ["10.0.0.0/8", "2001:db8::1"] });
    await findKey(text, "10.1.2.3");
    await findKey(text, "2001:db8::1");
    for (const address of ["11.0.0.1", "2001:db8::2", "unknown"]) {
      await expect(findKey(text, address)).rejects.toEqual(failsWith("forbidden"));
    }
  });
});

describe("findKey after 15 s", () => {
  test("reads the key again without counting a guess of its address", async () => {
    const { text, keyId } = await makeTestKey(await makeOrganization());
    const address = makeAddress();
    await expect.poll(isListening).toBe(true);
    await findKey(text, address);
    await expect.poll(() => countConnectionsOf(() => findKey(text, address))).toBe(0);
    for (let tries = 0; tries < 40; tries++) await findKey("dk_no", address).catch(() => {});
    const later = performance.now() + 15_000;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => later);
    onTestFinished(() => clock.mockRestore());

    expect((await findKey(text, address)).key.keyId).toBe(keyId);
  });
});

describe("S11 wrong keys", () => {
  test("looks up a wrong key once in 30 s, and none after 30 wrong keys from an address in a minute", async () => {
    const { organizationId } = await makeOrganization();
    const address = makeAddress();
    const wrong = makeKey(organizationId).key.reveal();
    expect(await countConnectionsOf(() => findKey(wrong, address).catch(() => {}))).toBe(1);
    expect(await countConnectionsOf(() => findKey(wrong, address).catch(() => {}))).toBe(0);
    for (let tries = 2; tries < 30; tries++) {
      await findKey(makeKey(organizationId).key.reveal(), address).catch(() => {});
    }
    const queries = await countConnectionsOf(async () => {
      await expect(findKey(makeKey(organizationId).key.reveal(), address)).rejects.toEqual(
        failsWith("rate_limited"),
      );
    });
    expect(queries).toBe(0);
  });

  test("limits parallel wrong keys like sequential ones", async () => {
    const { organizationId } = await makeOrganization();
    const address = makeAddress();
    const guess = () => findKey(makeKey(organizationId).key.reveal(), address).catch(({ code }) => code);
    let said: unknown[] = [];
    const queries = await countConnectionsOf(async () => {
      said = await Promise.all(Array.from({ length: 100 }, guess));
    });
    expect(queries).toBe(30);
    expect(said.filter((code) => code === "rate_limited")).toHaveLength(70);
    expect(await guess(), "the next one too").toBe("rate_limited");
  });

  test("wrong keys do not affect a cached key from the same address", async () => {
    const organization = await makeOrganization();
    const { text, keyId } = await makeTestKey(organization);
    const address = makeAddress();
    await expect.poll(isListening).toBe(true);
    await findKey(text, address);
    for (let tries = 0; tries < 40; tries++) await findKey("dk_no", address).catch(() => {});
    expect((await findKey(text, address)).key.keyId).toBe(keyId);
  });
});
