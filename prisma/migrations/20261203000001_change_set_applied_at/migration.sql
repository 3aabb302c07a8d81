-- expands: an index for the removals of the last 24 hours

CREATE INDEX CONCURRENTLY IF NOT EXISTS "change_set_organization_id_app_id_applied_at_idx" ON "change_set"("organization_id", "app_id", "applied_at");
