-- expands: the log of calls to DingTalk, what of it was given up, and how many calls of a month are charged
CREATE TABLE "logged_call" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "app_id" UUID NOT NULL,
    "key_id" UUID,
    "method" TEXT NOT NULL,
    "path" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "status" INTEGER,
    "errcode" TEXT,
    "attempts" INTEGER NOT NULL,
    "duration_ms" INTEGER NOT NULL,
    "bytes" BIGINT NOT NULL,
    "request_id" TEXT,

    CONSTRAINT "logged_call_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "call_gap" (
    "organization_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "calls" INTEGER NOT NULL,

    CONSTRAINT "call_gap_pkey" PRIMARY KEY ("organization_id","day")
);

CREATE TABLE "call_month" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "caller_id" UUID NOT NULL,
    "month" TEXT NOT NULL,
    "charged" INTEGER NOT NULL,
    "free" INTEGER NOT NULL,
    "throttled" INTEGER NOT NULL,

    CONSTRAINT "call_month_pkey" PRIMARY KEY ("organization_id","app_id","caller_id","month")
);

ALTER TABLE "dingtalk_app" ADD COLUMN "calls_per_month" INTEGER NOT NULL DEFAULT 5000,
ADD COLUMN "quota_used_up_at" TIMESTAMPTZ(3);

CREATE INDEX "logged_call_organization_id_app_id_id_idx" ON "logged_call"("organization_id", "app_id", "id");

CREATE INDEX "logged_call_organization_id_key_id_id_idx" ON "logged_call"("organization_id", "key_id", "id");

CREATE INDEX "logged_call_organization_id_request_id_idx" ON "logged_call"("organization_id", "request_id");

ALTER TABLE "logged_call" ADD CONSTRAINT "logged_call_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "call_gap" ADD CONSTRAINT "call_gap_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "call_month" ADD CONSTRAINT "call_month_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "logged_call" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "logged_call" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "logged_call"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "call_gap" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "call_gap" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "call_gap"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "call_month" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "call_month" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "call_month"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
