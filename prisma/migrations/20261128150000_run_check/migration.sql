-- expands: one statement that asks whether a sync is still under way
--
-- It is asked before each call to DingTalk, and a transaction of its own takes four round trips. This takes one: it opens
-- the organization's policies for itself, and they close with the statement. A procedure, as those in writes_for_many.
CREATE PROCEDURE "is_run_active"("organization" UUID, "run" UUID, INOUT "answer" BOOLEAN) LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('SET LOCAL app.organization_id = %L', "organization");
  "answer" := EXISTS (
    SELECT FROM "sync_run" r JOIN "dingtalk_app" a ON a."organization_id" = "organization" AND a."active_run_id" = r."id"
    WHERE r."organization_id" = "organization" AND r."id" = "run" AND r."state" = 'running'
  );
END
$$;
