import { randomBytes, randomUUID } from "node:crypto";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { keyIdOf, parseKeyRing } from "@/lib/crypto/envelope";
import { pool } from "@/lib/db/connection-pools";
import { asUserSql } from "@/lib/db/unit-of-work";
import { env } from "@/lib/env";
import { replaceProcessValue } from "@/lib/process-wide";
import { hashedKey, resealCounterKey } from "./hashed-key";

const entry = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;

/** Forgets the key in this process, as if another server asked next. */
function beAnotherServer(settings: Partial<ReturnType<typeof env>> = {}): void {
  Object.assign(env(), settings);
  replaceProcessValue("db.counterKey");
}

const reseal = (ring: readonly string[], keyId: string) =>
  asUserSql({ userId: randomUUID() }, (client) => resealCounterKey(client, parseKeyRing(ring), keyId));

const sealedBy = async () => {
  const { rows } = await pool().query<{ sealed: Buffer }>("SELECT sealed FROM counter_key");
  return rows.map(({ sealed }) => keyIdOf(sealed));
};

beforeEach(async () => {
  await pool().query("DELETE FROM counter_key");
  beAnotherServer();
  const { ENCRYPTION_KEYS, NEXTAUTH_SECRET } = env();
  onTestFinished(() => beAnotherServer({ ENCRYPTION_KEYS, NEXTAUTH_SECRET }));
});

describe("hashedKey", () => {
  test("returns the same hash on servers that start at the same time, and none of the text", async () => {
    const first = hashedKey("someone@example.com");
    beAnotherServer();
    const second = hashedKey("someone@example.com");
    expect(await first).toBe(await second);
    expect(await first).toMatch(/^[\w-]{43}$/);
    expect(await hashedKey("other@example.com")).not.toBe(await first);
  });

  test("returns the same hash after NEXTAUTH_SECRET was replaced", async () => {
    const before = await hashedKey("key");
    beAnotherServer({ NEXTAUTH_SECRET: [randomBytes(32).toString("base64url")] });
    expect(await hashedKey("key")).toBe(before);
  });

  test("returns the same hash after a rotation of ENCRYPTION_KEYS that removed the old key", async () => {
    const [oldKey, newKey] = [env().ENCRYPTION_KEYS[0] ?? "", entry("new")];
    const before = await hashedKey("key");
    await reseal([newKey, oldKey], "new");
    expect(await sealedBy()).toEqual(["new"]);
    expect(await hashedKey("key"), "in the process that sealed it").toBe(before);
    beAnotherServer({ ENCRYPTION_KEYS: [newKey] });
    expect(await hashedKey("key"), "in a process without the old key").toBe(before);
  });

  test("creates a new key when the current one can no longer be decrypted", async () => {
    const before = await hashedKey("key");
    const lone = entry("lone");
    await reseal([lone], "lone");
    expect(await hashedKey("key")).not.toBe(before);
    expect(await sealedBy()).toEqual(["lone"]);
  });

  test("fails without the encryption key, and succeeds as soon as it is there", async () => {
    const keys = env().ENCRYPTION_KEYS;
    const before = await hashedKey("key");
    beAnotherServer({ ENCRYPTION_KEYS: [entry("other")] });
    await expect(hashedKey("key")).rejects.toThrow();
    Object.assign(env(), { ENCRYPTION_KEYS: keys });
    expect(await hashedKey("key")).toBe(before);
  });
});
