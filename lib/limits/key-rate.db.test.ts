import { expect, test } from "vitest";
import { pool } from "@/lib/db/connection-pools";
import { bundleProgram, spawnProgram } from "@/lib/testing/program";
import { takeRequest } from "./key-rate";

const LIMIT = 50;

test("counts a key's requests per minute over all servers, and stores only the key's hash", async () => {
  const keyId = crypto.randomUUID();
  const minute = async () => {
    const { rows } = await pool().query<{ at: Date }>("SELECT date_trunc('minute', now()) AS at");
    return rows[0]?.at.getTime();
  };
  const begunIn = await minute();
  const path = await bundleProgram({ file: "lib/limits/egress/test-support/requests-process.ts" });
  const servers = [1, 2].map(() => spawnProgram(path, { args: [keyId, String(LIMIT), "40"] }));
  const allowed = await Promise.all(servers.map(async (server) => Number(await server.line())));
  let here = 0;
  for (let request = 0; request < 40; request += 1)
    if ((await takeRequest(keyId, LIMIT)).isAllowed) here += 1;

  // A minute that ends during the test splits the count.
  const allowance = (await minute()) === begunIn ? LIMIT : 2 * LIMIT;
  const all = here + allowed.reduce((sum, one) => sum + one, 0);
  expect(all).toBeLessThanOrEqual(allowance);
  expect(all).toBeGreaterThanOrEqual(0.9 * LIMIT);
  expect(await takeRequest(keyId, LIMIT)).toMatchObject({ limit: LIMIT });
  const stored = await pool().query("SELECT key FROM request_minute");
  expect(stored.rows.length).toBeGreaterThan(0);
  expect(JSON.stringify(stored.rows)).not.toContain(keyId);
});
