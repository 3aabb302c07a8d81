-- expands: apps of three kinds, and a third-party app's suite ticket
CREATE TYPE "AppKind" AS ENUM ('internal', 'unified', 'isv');

ALTER TABLE "dingtalk_app" ADD COLUMN "kind" "AppKind" NOT NULL DEFAULT 'internal',
ADD COLUMN "sealed_suite_ticket" BYTEA,
ADD COLUMN "suite_ticket_at" TIMESTAMPTZ(3);

-- A SuiteKey is connected once for each customer; an internal app has one organization, whose CorpId may be left out.
DROP INDEX "dingtalk_app_organization_id_app_key_key";
CREATE UNIQUE INDEX "dingtalk_app_organization_id_kind_app_key_corp_id_key" ON "dingtalk_app"("organization_id", "kind", "app_key", "corp_id");
CREATE UNIQUE INDEX "dingtalk_app_internal_key" ON "dingtalk_app"("organization_id", "app_key") WHERE "kind" = 'internal';

ALTER TABLE "dingtalk_app" ADD CONSTRAINT "dingtalk_app_corp_id_of_kind" CHECK ("kind" = 'internal' OR "corp_id" IS NOT NULL);
