-- expands: events that DingTalk pushes, and their subscriptions

ALTER TYPE "RunTrigger" ADD VALUE 'event';

CREATE TABLE "event_subscription" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "app_id" UUID,
    "suite_key" TEXT,
    "way" TEXT NOT NULL DEFAULT 'http',
    "owner_kind" TEXT,
    "verified_at" TIMESTAMPTZ(3),
    "registered_at" TIMESTAMPTZ(3),
    "last_event_at" TIMESTAMPTZ(3),
    "failed_read_at" TIMESTAMPTZ(3),
    "failed_error" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "event_subscription_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "callback_secret" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "subscription_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "hash" BYTEA,
    "sealed_value" BYTEA NOT NULL,
    "valid_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "callback_secret_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "dingtalk_event" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "subscription_id" UUID NOT NULL,
    "app_id" UUID,
    "type" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "dedupe_key" TEXT,
    "born_at" TIMESTAMPTZ(3),
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "is_late" BOOLEAN NOT NULL DEFAULT false,
    "department_ids" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "user_ids" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "sealed_payload" BYTEA,
    "has_personal" BOOLEAN NOT NULL DEFAULT false,
    "state" TEXT NOT NULL,
    "handled_at" TIMESTAMPTZ(3),
    "change_set_id" UUID,
    "error" JSONB,

    CONSTRAINT "dingtalk_event_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE UNIQUE INDEX "event_subscription_organization_id_app_id_key" ON "event_subscription"("organization_id", "app_id");

CREATE UNIQUE INDEX "event_subscription_organization_id_suite_key_key" ON "event_subscription"("organization_id", "suite_key");

CREATE UNIQUE INDEX "callback_secret_organization_id_hash_key" ON "callback_secret"("organization_id", "hash");

CREATE INDEX "callback_secret_organization_id_subscription_id_idx" ON "callback_secret"("organization_id", "subscription_id");

CREATE UNIQUE INDEX "dingtalk_event_organization_id_subscription_id_dedupe_key_key" ON "dingtalk_event"("organization_id", "subscription_id", "dedupe_key");

CREATE INDEX "dingtalk_event_organization_id_app_id_id_idx" ON "dingtalk_event"("organization_id", "app_id", "id");

CREATE INDEX "dingtalk_event_organization_id_app_id_state_id_idx" ON "dingtalk_event"("organization_id", "app_id", "state", "id");

ALTER TABLE "event_subscription" ADD CONSTRAINT "event_subscription_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "event_subscription" ADD CONSTRAINT "event_subscription_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "callback_secret" ADD CONSTRAINT "callback_secret_organization_id_subscription_id_fkey" FOREIGN KEY ("organization_id", "subscription_id") REFERENCES "event_subscription"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "dingtalk_event" ADD CONSTRAINT "dingtalk_event_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "event_subscription" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "event_subscription" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "event_subscription"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "callback_secret" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "callback_secret" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "callback_secret"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "dingtalk_event" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "dingtalk_event" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "dingtalk_event"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
