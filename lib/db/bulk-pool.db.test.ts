import { expect, onTestFinished, test } from "vitest";
import { makeOrganization } from "@/lib/testing/factories";
import { bulkPool, pool } from "./connection-pools";
import { LIMITS } from "./time-limits";
import { inOrganization, inOrganizationSql, readTogether } from "./unit-of-work";

const READ = "SELECT name FROM organization WHERE organization_id = $1";

test.each(["bulk", "directory"] as const)(
  "serves pages and commands while more %s writes run than the request pool has connections",
  async (kind) => {
    const scope = await makeOrganization();
    const { organizationId, name } = scope;
    const released = Promise.withResolvers<void>();
    onTestFinished(() => released.resolve());
    let begun = 0;
    const writes = Array.from({ length: 21 }, () =>
      inOrganizationSql(
        scope,
        async () => {
          begun += 1;
          await released.promise;
        },
        LIMITS[kind],
      ),
    );
    // One connection for each of ten concurrent syncs (the default), and two for other bulk writes.
    await expect.poll(() => begun).toBe(12);

    expect(await readTogether({ organizationId }, READ, [organizationId])).toEqual([{ name }]);
    await inOrganization(scope, (tx) =>
      tx.organization.updateMany({ where: { organizationId }, data: { name } }),
    );
    expect(pool().waitingCount).toBe(0);
    expect(bulkPool().waitingCount).toBe(9);
    released.resolve();
    await Promise.all(writes);
    expect(begun).toBe(21);
  },
);
