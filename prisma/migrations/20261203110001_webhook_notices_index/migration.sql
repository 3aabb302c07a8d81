-- expands: an index for the deletion of a webhook's notices, and the check of a foreign key

CREATE INDEX CONCURRENTLY IF NOT EXISTS "app_notice_organization_id_webhook_id_idx" ON "app_notice"("organization_id", "webhook_id");
ALTER TABLE "app_notice" VALIDATE CONSTRAINT "app_notice_organization_id_webhook_id_fkey";
