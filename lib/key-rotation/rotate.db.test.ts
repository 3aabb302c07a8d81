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
import { LiveProcess } from "./live-process";
import { rotate } from "./rotate";
import { SEALED_PLACES } from "./sealed-places";

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

/** An app whose secret a key of a ring sealed. */
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

type TestProcess = { readonly live: LiveProcess; readonly said: string[] };

/** A process of that ring which has joined, and what it was told to seal with. */
async function join(ring: KeyRing): Promise<TestProcess> {
  const said: string[] = [];
  const live = new LiveProcess(ring, (keyId) => said.push(keyId));
  await live.join();
  return { live, said };
}

const NOW = { settleMs: 0, lookEveryMs: 10, rest: 0 } as const;
const go = (
  { live }: TestProcess,
  signal = new AbortController().signal,
  onResealed: (many: number) => void = () => {},
) => rotate(live, { ring: both, keyId: "new" }, { ...NOW, signal, onResealed });

test("every sealed column of the schema is a place that a rotation knows, and there is no other", async () => {
  const { rows } = await admin.query<{ table: string; column: string }>(`
    SELECT c.relname AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
    AND a.attname LIKE 'sealed\\_%' AND a.atttypid = 'bytea'::regtype`);
  const known = SEALED_PLACES.map(({ table, column }) => `${table}.${column}`);
  expect(known.sort()).toEqual(rows.map(({ table, column }) => `${table}.${column}`).sort());
});

describe("which key seals", () => {
  test("a new one only when every live process has it", async () => {
    const [first, second] = [await join(old), await join(both)];
    expect(second.live.keyId).toBe("old");
    await second.live.beat();
    expect(second.live.keyId).toBe("old");

    await first.live.leave();
    await second.live.beat();
    expect(second.said).toEqual(["old", "new"]);
  });

  test("one that was killed holds the others up until it has lapsed", async () => {
    const [first, second] = [await join(old), await join(both)];
    await admin.query("UPDATE live_process SET seen_at = now() - interval '14 s' WHERE id = $1", [
      first.live.id,
    ]);
    await second.live.beat();
    expect(second.live.keyId).toBe("old");
    await admin.query("UPDATE live_process SET seen_at = now() - interval '16 s' WHERE id = $1", [
      first.live.id,
    ]);
    await second.live.beat();
    expect(second.live.keyId).toBe("new");
  });

  test("another key under the same id is another key", async () => {
    await join(old);
    const other = await join(parseKeyRing([entry("new"), OLD]));
    expect(other.live.keyId).toBe("old");
    const { live } = await join(both);
    await admin.query("DELETE FROM live_process WHERE NOT id = ANY($1)", [[other.live.id, live.id]]);
    await live.beat();
    expect(live.keyId).toBe("old");
  });

  test("before anything is known, the one that all others have had for longest", () => {
    const place = { organizationId: "o", table: "t", row: "r", column: "c" };
    const ids = [...keyRing().keys()];
    expect(keyIdOf(sealSecret(place, new Redacted("x")))).toBe(ids.at(-1));
    sealWith(ids[0] ?? "");
    expect(keyIdOf(sealSecret(place, new Redacted("x")))).toBe(ids[0]);
  });
});

describe("a ring that lacks a key", () => {
  test("that something is sealed with can't join, and hears which", async () => {
    await makeSealed(old, "a secret");
    await expect(join(only)).rejects.toThrow(/^ENCRYPTION_KEYS can't open .* the key old: /);
    await join(old);
    await expect(join(only)).rejects.toThrow(/the key old: /);
    expect((await admin.query("SELECT FROM live_process")).rowCount).toBe(1);
  });

  test("or has another one under its name can't join either", async () => {
    await makeSealed(old, "a secret");
    await expect(join(parseKeyRing([entry("old")]))).rejects.toThrow(/the key old: /);
  });

  test("that nothing is sealed with yet, but a live process would any moment, can't join", async () => {
    await join(both);
    await expect(join(old)).rejects.toThrow(/lacks the key that the running servers seal with/);
  });

  test("may join again when everything was sealed anew", async () => {
    await makeSealed(old, "a secret");
    await (await join(old)).live.leave();
    const rotating = await join(both);
    const noted = async () => (await admin.query("SELECT FROM sealing_key")).rowCount;
    expect(await noted()).toBe(2);
    expect(await go(rotating)).toEqual([]);
    expect(await noted()).toBe(1);
    await rotating.live.leave();
    expect((await join(only)).live.keyId).toBe("new");
  });
});

describe("a rotation", () => {
  test("seals everything anew, of every organization and in every column", async () => {
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
    expect(await go(await join(both), undefined, (many) => (resealed += many))).toEqual([]);

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

  test("leaves the names of counters as they are, for a server without the old key too", async () => {
    await admin.query("DELETE FROM counter_key");
    await (await join(old)).live.leave();
    const before = await hashedKey("key");
    const rotating = await join(both);
    expect(await go(rotating)).toEqual([]);
    await rotating.live.leave();
    await join(only);
    expect(await hashedKey("key")).toBe(before);
  });

  test("waits for the processes that lack the key, and says for how many", async () => {
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

  test("leaves what is being changed, keeps the change, and comes back for it", async () => {
    const { organizationId } = await makeOrganization();
    const [changing, other] = [
      await makeSealed(old, "before", organizationId),
      await makeSealed(old, "other", organizationId),
    ];
    const held = await admin.connect();
    onTestFinished(() => held.release());
    await held.query("BEGIN");
    await held.query("UPDATE dingtalk_app SET sealed_secret = $2 WHERE id = $1", [
      changing.appId,
      seal(old, secretContext(organizationId, changing.appId), "after"),
    ]);
    const rotating = await join(both);
    const done = await go(rotating, undefined, () => {
      // The other one is done, and the change is not over: only now it is.
      void held.query("COMMIT");
    });
    expect(done).toEqual([]);
    expect(await read(changing)).toEqual({ keyId: "new", secret: "after" });
    expect(await read(other)).toEqual({ keyId: "new", secret: "other" });
  });

  test("that is stopped goes on where it was, and two at once do each value once", async () => {
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
    const stopped = go(rotating, stop.signal, (many) => {
      first += many;
      stop.abort();
    });
    await expect(stopped).rejects.toThrow();
    expect(first).toBe(200);

    const second = await join(both);
    let then = 0;
    const both2 = [rotating, second].map((one) => go(one, undefined, (many) => (then += many)));
    expect(await Promise.all(both2)).toEqual([[], []]);
    expect(first + then).toBe(900);
    const { rows: after } = await admin.query<{ id: string; sealed: Buffer }>(
      "SELECT id, sealed_secret AS sealed FROM dingtalk_app",
    );
    for (const { id, sealed: value } of after)
      expect(open(only, secretContext(organizationId, id), value)).toBe(id);
  });

  test("tells what no key of the ring opens, and leaves it as it is", async () => {
    const rotating = await join(both);
    const lost = await makeSealed(parseKeyRing([entry("lost")]), "gone");
    const bytes = async () =>
      (await admin.query("SELECT sealed_secret FROM dingtalk_app WHERE id = $1", [lost.appId])).rows;
    const before = await bytes();
    await makeSealed(old, "there");
    expect(await go(rotating)).toEqual([{ place: "dingtalk_app.sealed_secret", keyId: "lost", count: 1 }]);
    expect(await bytes()).toEqual(before);
  });
});
