-- expands: notices about webhooks that were disabled

ALTER TABLE "app_notice" ALTER COLUMN "app_id" DROP NOT NULL;
ALTER TABLE "app_notice" ADD COLUMN "webhook_id" UUID;

ALTER TABLE "app_notice" ADD CONSTRAINT "app_notice_organization_id_webhook_id_fkey" FOREIGN KEY ("organization_id", "webhook_id") REFERENCES "webhook_endpoint"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE NOT VALID;
