import { describe, expect, test } from "vitest";
import { tablesWithoutOrganization } from "./names-organization";

const TABLES = ["app_token", "dingtalk_app", "sync_run"];
const missing = (statement: string) => tablesWithoutOrganization(statement, TABLES);

describe("tablesWithoutOrganization", () => {
  test.each([
    "SELECT id FROM sync_run WHERE organization_id = $1 AND id = $2",
    'SELECT "public"."sync_run"."id" FROM "public"."sync_run" WHERE ("public"."sync_run"."organization_id" = $1 AND 1=1)',
    "SELECT id FROM sync_run WHERE (organization_id, id) IN (SELECT $1::uuid, $2::uuid)",
    "SELECT id FROM sync_run r JOIN dingtalk_app a USING (organization_id) WHERE a.organization_id = $1",
    "INSERT INTO sync_run (organization_id, id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
    "UPDATE sync_run SET state = 'x' WHERE id = $2 AND organization_id = $1::uuid",
    "SELECT EXISTS (SELECT FROM sync_run WHERE organization_id = $1) AS any",
    "SELECT 1 FROM users WHERE id = $1",
    "SELECT count(*) FROM sync_run_other",
  ])("accepts the query: %s", (statement) => {
    expect(missing(statement)).toEqual([]);
  });

  test.each([
    ["SELECT id FROM sync_run WHERE id = $1", ["sync_run"]],
    ["SELECT organization_id, id FROM sync_run WHERE id = $1", ["sync_run"]],
    [
      'SELECT "public"."sync_run"."organization_id" FROM "public"."sync_run" WHERE 1=1 OFFSET $1',
      ["sync_run"],
    ],
    ["UPDATE sync_run SET organization_name = 'organization_id = 1' WHERE id = $1", ["sync_run"]],
    ["DELETE FROM sync_run WHERE id = $1 -- organization_id = $2", ["sync_run"]],
    [
      "SELECT 1 FROM dingtalk_app WHERE organization_id = $1 AND id IN (SELECT app_id FROM sync_run)",
      ["sync_run"],
    ],
    ["SELECT id FROM sync_run WHERE organization_id = $1 UNION SELECT app_id FROM app_token", ["app_token"]],
    ["WITH gone AS (DELETE FROM sync_run) SELECT 1 FROM app_token WHERE organization_id = $1", ["sync_run"]],
  ])("names the table without an organization: %s", (statement, tables) => {
    expect(missing(statement)).toEqual(tables);
  });
});
