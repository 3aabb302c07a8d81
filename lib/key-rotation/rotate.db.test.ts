import { randomBytes } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { AppRef } from "@/lib/app-ref";
import { type KeyRing, keyIdOf, open, parseKeyRing, seal } from "@/lib/crypto/envelope";
import { hashedKey } from "@/lib/limits/hashed-key";
import { Redacted } from "@/lib/redacted";
import { secretContext } from "@/lib/secrets/app-secret";
import { keyRing, sealSecret, sealWith } from "@/lib/secrets/sealed-secrets";
import { makeApp, makeOrganization } from "@/lib/testing/factories";
import { countByKey } from "./count-keys";
import { LiveProcess } from "./live-processes";
import { rotate } from "./rotate";
import { SEALED_COLUMNS } from "./sealed-columns";

const entry = (id: string) => `${id}:${randomBytes(32).toString("base64")}`;
const [OLD, NEW] = [entry("old"), entry("new")];
const old = parseKeyRing([OLD]);
const both = parseKeyRing([NEW, OLD]);
const only = parseKeyRing([NEW]);

let admin: pg.Pool;
beforeAll(() => {
  admin = new pg.Pool({ connectionString: process.env.TEST_ADMIN_URL, max: 2 });
});
afterAll(() => admin.end());
beforeEach(async () => {
  await admin.query("DELETE FROM live_process");
  await admin.query("DELETE FROM sealing_key");
  await admin.query("DELETE FROM organization_ids");
});

/** Creates an app whose secret is sealed with the ring's first key. */
async function makeSealed(ring: KeyRing, appSecret: string, organizationId?: string): Promise<AppRef> {
  const appKey = `ding${randomBytes(8).toString("hex")}`;
  const app = await makeApp({ appKey, appSecret }, organizationId === undefined ? {} : { organizationId });
  await write(app, ring, appSecret);
  return app;
}

const write = ({ organizationId, appId }: AppRef, ring: KeyRing, appSecret: string) =>
  admin.query("UPDATE dingtalk_app SET sealed_secret = $2 WHERE id = $1", [
    appId,
    seal(ring, secretContext(organizationId, appId), appSecret),
  ]);

async function read({ organizationId, appId }: AppRef): Promise<{ keyId: string; secret: string }> {
  const { rows } = await admin.query("SELECT sealed_secret AS sealed FROM dingtalk_app WHERE id = $1", [
    appId,
  ]);
  const { sealed } = rows[0] as { sealed: Buffer };
  return { keyId: keyIdOf(sealed), secret: open(both, secretContext(organizationId, appId), sealed) };
}

type TestProcess = { readonly live: LiveProcess; readonly used: string[] };

/** Joins a process with the ring and records the keys that it seals with. */
async function join(ring: KeyRing): Promise<TestProcess> {
  const used: string[] = [];
  const live = new LiveProcess(ring, (keyId) => used.push(keyId));
  await live.join();
  return { live, used };
}

const NOW = { settleMs: 0, pollMs: 10, pauseFactor: 0 } as const;
const rotateAll = (
  { live }: TestProcess,
  signal = new AbortController().signal,
  onResealed: (many: number) => void = () => {},
) => rotate(live, { ring: both, keyId: "new" }, { ...NOW, signal, onResealed });

test("SEALED_COLUMNS lists every sealed column of the schema", async () => {
  const { rows } = await admin.query<{ table: string; column: string }>(`
    SELECT c.relname AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
    AND a.attname LIKE 'sealed\\_%' AND a.atttypid = 'bytea'::regtype`);
  const known = SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`);
  expect(known.sort()).toEqual(rows.map(({ table, column }) => `${table}.${column}`).sort());
});

describe("LiveProcess", () => {
  test("seals with a new key when every live process has it", async () => {
    const [first, second] = [await join(old), await join(both)];
    expect(second.live.keyId).toBe("old");
    await second.live.heartbeat();
    expect(second.live.keyId).toBe("old");

    await first.live.leave();
    await second.live.heartbeat();
    expect(second.used).toEqual(["old", "new"]);
  });

  test("waits for a killed process until its registration expires", async () => {
    const [first, second] = [await join(old), await join(both)];
    await admin.query("UPDATE live_process SET seen_at = now() - interval '14 s' WHERE id = $1", [
      first.live.id,
    ]);
    await second.live.heartbeat();
    expect(second.live.keyId).toBe("old");
    await admin.query("UPDATE live_process SET seen_at = now() - interval '16 s' WHERE id = $1", [
      first.live.id,
    ]);
    await second.live.heartbeat();
    expect(second.live.keyId).toBe("new");
  });

  test("treats another key with the same id as a different key", async () => {
    await join(old);
    const other = await join(parseKeyRing([entry("new"), OLD]));
    expect(other.live.keyId).toBe("old");
    const { live } = await join(both);
    await admin.query("DELETE FROM live_process WHERE NOT id = ANY($1)", [[other.live.id, live.id]]);
    await live.heartbeat();
    expect(live.keyId).toBe("old");
  });

  test("seals with the last key of the ring before join", () => {
    const place = { organizationId: "o", table: "t", row: "r", column: "c" };
    const ids = [...keyRing().keys()];
    expect(keyIdOf(sealSecret(place, new Redacted("x")))).toBe(ids.at(-1));
    sealWith(ids[0] ?? "");
    expect(keyIdOf(sealSecret(place, new Redacted("x")))).toBe(ids[0]);
  });
});

describe("LiveProcess.join", () => {
  test("rejects a ring that lacks a key in use and names the key", async () => {
    await makeSealed(old, "a secret");
    await expect(join(only)).rejects.toThrow(/^ENCRYPTION_KEYS can't open .* the key old: /);
    await join(old);
    await expect(join(only)).rejects.toThrow(/the key old: /);
    expect((await admin.query("SELECT FROM live_process")).rowCount).toBe(1);
  });

  test("rejects a ring with another key under the same id", async () => {
    await makeSealed(old, "a secret");
    await expect(join(parseKeyRing([entry("old")]))).rejects.toThrow(/the key old: /);
  });

  test("rejects a ring that lacks the key of a live process", async () => {
    await join(both);
    await expect(join(old)).rejects.toThrow(/lacks the key that the running servers seal with/);
  });

  test("accepts a ring without the old key after a rotation", async () => {
    await makeSealed(old, "a secret");
    await (await join(old)).live.leave();
    const rotating = await join(both);
    const recorded = async () => (await admin.query("SELECT FROM sealing_key")).rowCount;
    expect(await recorded()).toBe(2);
    expect(await rotateAll(rotating)).toEqual([]);
    expect(await recorded()).toBe(1);
    await rotating.live.leave();
    expect((await join(only)).live.keyId).toBe("new");
  });
});

describe("rotate", () => {
  test("reseals every column of every organization", async () => {
    const apps = [
      await makeSealed(old, "one"),
      await makeSealed(old, "two"),
      await makeSealed(both, "three"),
    ];
    const [{ organizationId, appId } = apps[0] as AppRef] = apps;
    const place = { organizationId, table: "app_token", row: appId, column: "sealed_token" };
    const token = seal(old, place, "a token");
    await admin.query("INSERT INTO app_token (organization_id, app_id, sealed_token) VALUES ($1, $2, $3)", [
      organizationId,
      appId,
      token,
    ]);

    let resealed = 0;
    expect(await rotateAll(await join(both), undefined, (many) => (resealed += many))).toEqual([]);

    expect(await Promise.all(apps.map(read))).toEqual(
      ["one", "two", "three"].map((secret) => ({ keyId: "new", secret })),
    );
    const { rows } = await admin.query("SELECT sealed_token AS sealed FROM app_token");
    expect(open(only, place, (rows[0] as { sealed: Buffer }).sealed)).toBe("a token");
    expect(resealed).toBe(3);
    expect(await countByKey(new AbortController().signal)).toEqual(
      expect.arrayContaining([
        { place: "dingtalk_app.sealed_secret", keyId: "new", count: 3 },
        { place: "app_token.sealed_token", keyId: "new", count: 1 },
      ]),
    );
  });

  test("keeps the hashed keys of counters", async () => {
    await admin.query("DELETE FROM counter_key");
    await (await join(old)).live.leave();
    const before = await hashedKey("key");
    const rotating = await join(both);
    expect(await rotateAll(rotating)).toEqual([]);
    await rotating.live.leave();
    await join(only);
    expect(await hashedKey("key")).toBe(before);
  });

  test("waits for processes that lack the key and reports their number", async () => {
    const app = await makeSealed(old, "a secret");
    const [late, rotating] = [await join(old), await join(both)];
    const waiting: number[] = [];
    const onWaiting = (processes: number) => {
      waiting.push(processes);
      void late.live.leave();
    };
    const options = { ...NOW, signal: new AbortController().signal, onWaiting };
    expect((await read(app)).keyId).toBe("old");
    expect(await rotate(rotating.live, { ring: both, keyId: "new" }, options)).toEqual([]);
    expect(waiting[0]).toBe(1);
    expect((await read(app)).keyId).toBe("new");
  });

  test("skips a row that is being changed and reseals it later", async () => {
    const { organizationId } = await makeOrganization();
    const [changing, other] = [
      await makeSealed(old, "before", organizationId),
      await makeSealed(old, "other", organizationId),
    ];
    const client = await admin.connect();
    onTestFinished(() => client.release());
    await client.query("BEGIN");
    await client.query("UPDATE dingtalk_app SET sealed_secret = $2 WHERE id = $1", [
      changing.appId,
      seal(old, secretContext(organizationId, changing.appId), "after"),
    ]);
    const rotating = await join(both);
    const done = await rotateAll(rotating, undefined, () => {
      // The other row is resealed; now the change commits.
      void client.query("COMMIT");
    });
    expect(done).toEqual([]);
    expect(await read(changing)).toEqual({ keyId: "new", secret: "after" });
    expect(await read(other)).toEqual({ keyId: "new", secret: "other" });
  });

  test("continues the rotation after a stop, and concurrent calls reseal each value once", async () => {
    const { organizationId } = await makeOrganization();
    await admin.query(
      `INSERT INTO dingtalk_app (organization_id, id, name, app_key, sealed_secret, secret_tail, state, updated_at)
       SELECT $1, id, 'x', id::text, '\\x00', '', 'draft', now() FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 900)) i`,
      [organizationId],
    );
    const { rows } = await admin.query<{ id: string }>("SELECT id FROM dingtalk_app");
    const sealed = rows.map(({ id }) => seal(old, secretContext(organizationId, id), id));
    await admin.query(
      "UPDATE dingtalk_app a SET sealed_secret = n.sealed FROM unnest($1::uuid[], $2::bytea[]) n (id, sealed) WHERE a.id = n.id",
      [rows.map(({ id }) => id), sealed],
    );
    const rotating = await join(both);
    const stop = new AbortController();
    let first = 0;
    const stopped = rotateAll(rotating, stop.signal, (many) => {
      first += many;
      stop.abort();
    });
    await expect(stopped).rejects.toThrow();
    expect(first).toBe(200);

    const second = await join(both);
    let then = 0;
    const both2 = [rotating, second].map((one) => rotateAll(one, undefined, (many) => (then += many)));
    expect(await Promise.all(both2)).toEqual([[], []]);
    expect(first + then).toBe(900);
    const { rows: after } = await admin.query<{ id: string; sealed: Buffer }>(
      "SELECT id, sealed_secret AS sealed FROM dingtalk_app",
    );
    for (const { id, sealed: value } of after)
      expect(open(only, secretContext(organizationId, id), value)).toBe(id);
  });

  test("reports values that no key opens and leaves them unchanged", async () => {
    const rotating = await join(both);
    const lost = await makeSealed(parseKeyRing([entry("lost")]), "gone");
    const bytes = async () =>
      (await admin.query("SELECT sealed_secret FROM dingtalk_app WHERE id = $1", [lost.appId])).rows;
    const before = await bytes();
    await makeSealed(old, "there");
    expect(await rotateAll(rotating)).toEqual([
      { place: "dingtalk_app.sealed_secret", keyId: "lost", count: 1 },
    ]);
    expect(await bytes()).toEqual(before);
  });
});
