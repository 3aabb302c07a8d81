import { readEveryTable, withDatabase } from "./support/database";
import { expect, test } from "./support/fixtures";
import { SUITE_MARKS } from "./support/suite-marks";
import { findTraces } from "./support/traces";

// Runs after all other tests, even failed ones, and checks the data that they left.

const CHARACTERS_MIN = 4;

test("S21 no output and no table contains a secret of any test after the suite", async () => {
  expect(await findTraces(SUITE_MARKS)).toEqual([]);
});

/** Names of people and organizations that are long enough to search for. */
async function personalValues(): Promise<string[]> {
  const { rows } = await withDatabase((client) =>
    client.query<{ value: string | null }>(`
      SELECT email AS value FROM users UNION SELECT email FROM memberships
      UNION SELECT organization_name FROM memberships UNION SELECT name FROM organization
      UNION SELECT address FROM sessions UNION SELECT user_agent FROM sessions
      UNION SELECT name FROM dingtalk_app UNION SELECT app_key FROM dingtalk_app UNION SELECT corp_id FROM dingtalk_app
      UNION SELECT started_by FROM sync_run UNION SELECT name FROM department`),
  );
  return rows
    .map(({ value }) => value ?? "")
    .filter((value) => value.length >= CHARACTERS_MIN && !/^\d+$/.test(value));
}

test("S18 no job contains a name, a personal value or a secret after the suite", async () => {
  const tables = await readEveryTable("pgboss");
  const rows = tables.flatMap(({ table, rows: texts }) => texts.map((text) => `${table} ${text}`));
  const names = await personalValues();
  expect(names.length, "people of the tests").toBeGreaterThan(0);
  expect(
    rows.some((row) => row.startsWith("pgboss.job")),
    "jobs of the tests",
  ).toBe(true);
  expect(rows.filter((row) => /[^\x20-\x7e]|@/.test(row))).toEqual([]);
  const all = rows.join("\n");
  expect(names.filter((name) => all.includes(name))).toEqual([]);
});
