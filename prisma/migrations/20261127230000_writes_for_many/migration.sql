-- expands: what a process gathered for many organizations is written by one statement
--
-- Row security shows one organization at a time, so each procedure opens the policies of one after another, in one
-- order, so that two processes which write the same rows don't wait for each other in a circle. They run with the
-- caller's own rights. `SET LOCAL` and not set_config(), and procedures and not functions: only so does a distributed
-- PostgreSQL tell its workers.
CREATE PROCEDURE "write_key_uses"("uses" JSONB) LANGUAGE plpgsql AS $$
DECLARE
  "one" RECORD;
BEGIN
  FOR "one" IN
    SELECT (u ->> 'organizationId')::uuid AS id, jsonb_agg(u) AS uses
    FROM jsonb_array_elements("uses") u GROUP BY 1 ORDER BY 1
  LOOP
    EXECUTE format('SET LOCAL app.organization_id = %L', "one".id);
    UPDATE "api_key" k SET "last_used_at" = u."at", "last_used_address" = u."address"
    FROM jsonb_to_recordset("one".uses) AS u ("keyId" UUID, "at" TIMESTAMPTZ(3), "address" TEXT)
    WHERE k."organization_id" = "one".id AND k."id" = u."keyId"
      AND (k."last_used_at" IS NULL OR k."last_used_at" < u."at");
  END LOOP;
END
$$;

CREATE PROCEDURE "write_token_reads"("counts" JSONB) LANGUAGE plpgsql AS $$
DECLARE
  "one" RECORD;
BEGIN
  FOR "one" IN
    SELECT (c ->> 'organizationId')::uuid AS id, jsonb_agg(c) AS counts
    FROM jsonb_array_elements("counts") c GROUP BY 1 ORDER BY 1
  LOOP
    EXECUTE format('SET LOCAL app.organization_id = %L', "one".id);
    -- An app that is gone by now has no rows.
    INSERT INTO "token_read_hour" AS r ("organization_id", "app_id", "key_id", "hour", "reads")
    SELECT a."organization_id", c."appId", c."keyId", c."hour", c."reads"
    FROM jsonb_to_recordset("one".counts) AS c ("appId" UUID, "keyId" UUID, "hour" TIMESTAMPTZ, "reads" INTEGER)
      JOIN "dingtalk_app" a ON a."organization_id" = "one".id AND a."id" = c."appId"
    ORDER BY c."appId", c."hour", c."keyId"
    ON CONFLICT ("organization_id", "app_id", "hour", "key_id") DO UPDATE SET "reads" = r."reads" + excluded."reads";
  END LOOP;
END
$$;
