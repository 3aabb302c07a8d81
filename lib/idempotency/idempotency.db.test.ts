import { v7 as newId } from "uuid";
import { afterEach, expect, test, vi } from "vitest";
import type { ApiKey } from "@/lib/api-keys/api-key";
import { findKey } from "@/lib/api-keys/authenticate-key";
import { createKey } from "@/lib/api-keys/create-key";
import { createKeyInput } from "@/lib/api-keys/schema";
import { grant } from "@/lib/auth/actor";
import { NOTHING_CONFLICTS } from "@/lib/db/nothing-conflicts";
import { inOrganization, inOrganizationSql } from "@/lib/db/unit-of-work";
import { makeOrganization, type TestMember } from "@/lib/testing/factories";
import { answerOnce } from "./idempotency";

async function makeKeyOf(owner?: TestMember) {
  owner ??= (await makeOrganization()).owner;
  const made = await createKey(
    grant(owner, "key.manage"),
    createKeyInput.parse({ name: "erp", scopes: "apps:manage" }),
  );
  if (!made.ok) throw new Error(made.error.code);
  return (await findKey(made.value.key.reveal(), "192.0.2.9")).key;
}

afterEach(() => void vi.useRealTimers());

const rowsOf = ({ organizationId }: { readonly organizationId: string }) =>
  inOrganization({ organizationId }, (tx) =>
    tx.idempotentAnswer.findMany({ where: { organizationId }, orderBy: { id: "asc" } }),
  );

const request = (more: object = {}) => ({ idempotencyKey: "one", route: "POST /x", text: "{}", ...more });
const created = () => Response.json({ secret: "answer-mark" }, { status: 201, headers: { etag: '"1"' } });

test("a repeated request gets the first answer without running again", async () => {
  const key = await makeKeyOf();
  const make = vi.fn(async () => created());
  await answerOnce(key, request(), make);
  const again = await answerOnce(key, request(), make);
  expect(make).toHaveBeenCalledTimes(1);
  expect(again.status).toBe(201);
  expect(again.headers.get("etag")).toBe('"1"');
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(await again.json()).toEqual({ secret: "answer-mark" });

  await answerOnce(key, request({ route: "POST /y" }), make);
  await answerOnce(await makeKeyOf(), request(), make);
  expect(make, "another route and another key").toHaveBeenCalledTimes(3);
});

test("two API keys that use the same Idempotency-Key get their own answers", async () => {
  const { owner } = await makeOrganization();
  const keys = [await makeKeyOf(owner), await makeKeyOf(owner)];
  const ask = async (index: number) => {
    const answer = await answerOnce(keys[index] as ApiKey, request({ text: `{"of":${index}}` }), async () =>
      Response.json({ of: index }),
    );
    return [await answer.json(), answer.headers.get("idempotency-replayed")];
  };
  expect([await ask(0), await ask(1)]).toEqual([
    [{ of: 0 }, null],
    [{ of: 1 }, null],
  ]);
  expect([await ask(0), await ask(1)]).toEqual([
    [{ of: 0 }, "true"],
    [{ of: 1 }, "true"],
  ]);
});

test("a first request that runs for five minutes keeps its claim", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  const key = await makeKeyOf();
  const [begun, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<Response>()];
  const make = vi.fn(() => {
    begun.resolve();
    return gate.promise;
  });
  const first = answerOnce(key, request(), make);
  await begun.promise;
  for (let seconds = 20; seconds <= 5 * 60; seconds += 20) {
    vi.advanceTimersByTime(20_000);
    const now = Date.now();
    // Vitest advances fake timers with each poll, so a later renewal may be stored already.
    await expect.poll(async () => (await rowsOf(key))[0]?.createdAt.getTime()).toBeGreaterThan(now - 20_000);
    await expect(answerOnce(key, request(), make)).rejects.toMatchObject({ code: "conflict" });
  }
  gate.resolve(created());
  expect((await first).headers.get("idempotency-replayed")).toBeNull();
  expect((await answerOnce(key, request(), make)).headers.get("idempotency-replayed")).toBe("true");
  expect(make).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});

test("a claim whose process died is taken over after two minutes", async () => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"] });
  const key = await makeKeyOf();
  const begun = Promise.withResolvers<void>();
  void answerOnce(key, request(), () => {
    begun.resolve();
    return new Promise(() => {});
  });
  await begun.promise;
  vi.clearAllTimers();
  vi.setSystemTime(Date.now() + 119_000);
  await expect(answerOnce(key, request(), async () => created())).rejects.toMatchObject({ code: "conflict" });
  vi.setSystemTime(Date.now() + 2_000);
  expect((await answerOnce(key, request(), async () => created())).status).toBe(201);
});

test("a stored answer is repeated for 24 hours, and then the request runs again", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const key = await makeKeyOf();
  const make = vi.fn(async () => created());
  const start = Date.now();
  for (const minutes of [0, 3, 24 * 60 - 1]) {
    vi.setSystemTime(start + minutes * 60_000);
    await answerOnce(key, request(), make);
  }
  expect(make).toHaveBeenCalledTimes(1);
  vi.setSystemTime(start + (24 * 60 + 1) * 60_000);
  await answerOnce(key, request(), make);
  expect(make).toHaveBeenCalledTimes(2);
});

test("a key's latest 1,000 answers are stored, and no others", async () => {
  const { owner } = await makeOrganization();
  const [key, other] = [await makeKeyOf(owner), await makeKeyOf(owner)];
  const first = request({ idempotencyKey: "first" });
  for (const one of [key, other]) await answerOnce(one, first, async () => created());
  // Inserts the rows of 999 further requests.
  await inOrganizationSql(key, (client) =>
    client.query(
      `INSERT INTO idempotent_answer (organization_id, id, key_id, route, given_hash, body_hash, sealed_answer)
       SELECT $1, id, $2, 'POST /x', sha256(id::text::bytea), '\\x00', '\\x00' FROM unnest($3::uuid[]) id
       ${NOTHING_CONFLICTS}`,
      [key.organizationId, key.keyId, Array.from({ length: 999 }, () => newId())],
    ),
  );
  const again = vi.fn(async () => created());
  await answerOnce(key, first, again);
  expect(again, "999 newer answers").not.toHaveBeenCalled();

  await answerOnce(key, request({ idempotencyKey: "thousand-first" }), async () => created());
  expect((await rowsOf(key)).filter(({ keyId }) => keyId === key.keyId)).toHaveLength(1_000);
  await answerOnce(key, first, again);
  expect(again, "the oldest one was deleted").toHaveBeenCalledTimes(1);
  await answerOnce(other, first, again);
  expect(again, "another key's answers stay").toHaveBeenCalledTimes(1);
});

test("another body and a concurrent repetition are rejected", async () => {
  const key = await makeKeyOf();
  const gate = Promise.withResolvers<Response>();
  const begun = Promise.withResolvers<void>();
  const first = answerOnce(key, request(), () => {
    begun.resolve();
    return gate.promise;
  });
  await begun.promise;
  await expect(answerOnce(key, request(), async () => created())).rejects.toMatchObject({
    code: "conflict",
    retryAfterSeconds: 2,
  });
  gate.resolve(created());
  await first;
  await expect(answerOnce(key, request({ text: "{ }" }), async () => created())).rejects.toMatchObject({
    code: "repeated_differently",
  });
});

test("a failed request runs again", async () => {
  const key = await makeKeyOf();
  await expect(answerOnce(key, request(), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect((await answerOnce(key, request(), async () => created())).status).toBe(201);
});

test("S23 a stored answer is sealed and opens only in its own row", async () => {
  const [key, other] = [await makeKeyOf(), await makeKeyOf()];
  for (const one of [key, other]) await answerOnce(one, request(), async () => created());
  const rowOf = ({ organizationId }: typeof key) =>
    inOrganization({ organizationId }, (tx) =>
      tx.idempotentAnswer.findFirstOrThrow({ where: { organizationId } }),
    );
  const row = await rowOf(key);
  expect(Buffer.from(row.sealedAnswer ?? []).toString("latin1")).not.toContain("answer-mark");
  const { sealedAnswer } = await rowOf(other);
  await inOrganization(key, (tx) =>
    tx.idempotentAnswer.updateMany({
      where: { organizationId: key.organizationId },
      data: { sealedAnswer },
    }),
  );
  await expect(answerOnce(key, request(), async () => created())).rejects.toThrow("could not be opened");
});
