import { expect, test } from "vitest";
import { findKey } from "@/lib/api-keys/authenticate-key";
import { createKey } from "@/lib/api-keys/create-key";
import { createKeyInput } from "@/lib/api-keys/schema";
import { grant } from "@/lib/auth/actor";
import { inOrganization } from "@/lib/db/unit-of-work";
import { makeOrganization } from "@/lib/testing/factories";
import { answerOnce, pruneAnswers } from "./idempotency";

const HOUR_MS = 60 * 60_000;

test("deletes an organization's expired answers in batches", async () => {
  const organizations = [await makeOrganization(), await makeOrganization()];
  for (const { owner } of organizations) {
    const input = createKeyInput.parse({ name: "erp", scopes: "apps:manage" });
    const made = await createKey(grant(owner, "key.manage"), input);
    if (!made.ok) throw new Error(made.error.code);
    const { key } = await findKey(made.value.key.reveal(), "192.0.2.9");
    for (const idempotencyKey of ["a", "b", "c", "young"])
      await answerOnce(key, { idempotencyKey, route: "POST /x", text: "{}" }, async () => Response.json({}));
  }
  const [mine, theirs] = organizations.map(({ organizationId }) => organizationId) as [string, string];
  const rowsOf = (organizationId: string) =>
    inOrganization({ organizationId }, (tx) =>
      tx.idempotentAnswer.findMany({
        where: { organizationId },
        orderBy: { id: "asc" },
        select: { id: true },
      }),
    );
  for (const organizationId of [mine, theirs]) {
    const old = (await rowsOf(organizationId)).slice(0, 3).map(({ id }) => id);
    await inOrganization({ organizationId }, (tx) =>
      tx.idempotentAnswer.updateMany({
        where: { organizationId, id: { in: old } },
        data: { createdAt: new Date(Date.now() - 24 * HOUR_MS - 1) },
      }),
    );
  }
  await pruneAnswers(mine, { batch: 2 });
  expect(await rowsOf(mine)).toHaveLength(1);
  expect(await rowsOf(theirs)).toHaveLength(4);
});
