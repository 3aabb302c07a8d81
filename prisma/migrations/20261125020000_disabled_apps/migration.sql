-- expands: who disabled an app, and when
ALTER TABLE "dingtalk_app" ADD COLUMN "disabled_at" TIMESTAMPTZ(3), ADD COLUMN "disabled_by" TEXT;
