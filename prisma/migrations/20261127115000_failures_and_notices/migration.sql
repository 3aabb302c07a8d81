-- expands: pauses that grow with failures, probes of what DingTalk refuses, and notices of apps that don't work
ALTER TABLE "dingtalk_app" ADD COLUMN "probe_at" TIMESTAMPTZ(3);

ALTER TABLE "app_token" ADD COLUMN "failures" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "jsapi_ticket" ADD COLUMN "failures" INTEGER NOT NULL DEFAULT 0;

CREATE TABLE "app_notice" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "reason" JSONB,

    CONSTRAINT "app_notice_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "notice_seen" (
    "organization_id" UUID NOT NULL,
    "notice_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notice_seen_pkey" PRIMARY KEY ("organization_id","notice_id","user_id")
);

CREATE INDEX "app_notice_organization_id_since_idx" ON "app_notice"("organization_id", "since");

CREATE INDEX "app_notice_organization_id_app_id_idx" ON "app_notice"("organization_id", "app_id");

ALTER TABLE "app_notice" ADD CONSTRAINT "app_notice_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "notice_seen" ADD CONSTRAINT "notice_seen_organization_id_notice_id_fkey" FOREIGN KEY ("organization_id", "notice_id") REFERENCES "app_notice"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "app_notice" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "app_notice" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "app_notice"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "notice_seen" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "notice_seen" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "notice_seen"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
