import { expect, onTestFinished, test } from "vitest";
import { makeOrganization } from "@/lib/testing/factories";
import { bulkPool, pool } from "./clients";
import { inOrganization, inOrganizationSql, LIMITS, readTogether } from "./unit-of-work";

const READ = "SELECT name FROM organization WHERE organization_id = $1";

test.each(["bulk", "directory"] as const)(
  "pages and commands are served while more writes of kind %s are under way than there are connections for requests",
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
    // One for each of the ten syncs that run at once by default, and two more.
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
