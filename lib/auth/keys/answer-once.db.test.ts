import { expect, test, vi } from "vitest";
import { createKey } from "@/lib/api-keys/commands";
import { createKeyInput } from "@/lib/api-keys/schema";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeOrganization } from "@/lib/testing/factories";
import { answerOnce } from "./answer-once";
import { findKey } from "./find-key";

async function makeKeyOf() {
  const { owner } = await makeOrganization();
  const made = await createKey(
    grant(owner, "key.manage"),
    createKeyInput.parse({ name: "erp", scopes: "apps:manage" }),
  );
  if (!made.ok) throw new Error(made.error.code);
  return (await findKey(made.value.key.reveal(), "192.0.2.9")).key;
}

const request = (more: object = {}) => ({ given: "one", route: "POST /x", text: "{}", ...more });
const created = () => Response.json({ secret: "answer-mark" }, { status: 201, headers: { etag: '"1"' } });

test("a repeated request gets the first answer, and nothing is done twice", async () => {
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
  expect(make, "another route and another key are other requests").toHaveBeenCalledTimes(3);
});

test("another body under the same name is refused, and of two at once one is told to come back", async () => {
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

test("a failure is not kept: the same request may be tried again", async () => {
  const key = await makeKeyOf();
  await expect(answerOnce(key, request(), () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect((await answerOnce(key, request(), async () => created())).status).toBe(201);
});

test("S23 a kept answer lies sealed, and opens in its own row only", async () => {
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
