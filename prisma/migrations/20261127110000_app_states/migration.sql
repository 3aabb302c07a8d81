-- expands: what happened to tokens, and who reads them
CREATE TABLE "token_event" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "took_ms" INTEGER,
    "key_id" UUID,
    "error" JSONB,

    CONSTRAINT "token_event_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "token_read_hour" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "key_id" UUID NOT NULL,
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "reads" INTEGER NOT NULL,

    CONSTRAINT "token_read_hour_pkey" PRIMARY KEY ("organization_id","app_id","hour","key_id")
);

CREATE INDEX "token_event_organization_id_app_id_at_idx" ON "token_event"("organization_id", "app_id", "at");

CREATE INDEX "token_event_organization_id_at_idx" ON "token_event"("organization_id", "at");

CREATE INDEX "token_read_hour_organization_id_hour_idx" ON "token_read_hour"("organization_id", "hour");

ALTER TABLE "token_event" ADD CONSTRAINT "token_event_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "token_read_hour" ADD CONSTRAINT "token_read_hour_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "token_event" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "token_event" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "token_event"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "token_read_hour" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "token_read_hour" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "token_read_hour"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
