-- expands: webhooks, and the log of the events that they deliver

CREATE TABLE "webhook_event" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "sequence" BIGINT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "type" TEXT NOT NULL,
    "app_id" UUID NOT NULL,
    "set_id" UUID,
    "data" JSONB,

    CONSTRAINT "webhook_event_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "webhook_sequence" (
    "organization_id" UUID NOT NULL,
    "last" BIGINT NOT NULL DEFAULT 0,
    "pruned" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "webhook_sequence_pkey" PRIMARY KEY ("organization_id")
);

CREATE TABLE "webhook_endpoint" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "sealed_url" BYTEA NOT NULL,
    "types" TEXT[],
    "is_for_all_apps" BOOLEAN NOT NULL,
    "app_ids" UUID[],
    "is_ordered" BOOLEAN NOT NULL,
    "format" TEXT NOT NULL DEFAULT 'json',
    "sealed_secret" BYTEA NOT NULL,
    "sealed_previous_secret" BYTEA,
    "previous_secret_until" TIMESTAMPTZ(3),
    "cursor_sequence" BIGINT NOT NULL,
    "cursor_number" INTEGER NOT NULL,
    "failing_since" TIMESTAMPTZ(3),
    "failed_rounds" INTEGER NOT NULL DEFAULT 0,
    "paused_until" TIMESTAMPTZ(3),
    "claimed_by" UUID,
    "claimed_until" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT,
    "disabled_at" TIMESTAMPTZ(3),
    "disabled_by" TEXT,
    "disabled_for" TEXT,

    CONSTRAINT "webhook_endpoint_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "webhook_delivery" (
    "organization_id" UUID NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "sequence" BIGINT NOT NULL,
    "number" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "app_id" UUID NOT NULL,
    "order_key" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),

    CONSTRAINT "webhook_delivery_pkey" PRIMARY KEY ("organization_id","endpoint_id","sequence","number")
);

CREATE TABLE "webhook_attempt" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "endpoint_id" UUID NOT NULL,
    "sequence" BIGINT,
    "number" INTEGER,
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "attempt" INTEGER NOT NULL,
    "status" INTEGER,
    "failure" TEXT,
    "duration_ms" INTEGER NOT NULL,
    "sealed_answer" BYTEA,

    CONSTRAINT "webhook_attempt_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE INDEX "webhook_attempt_organization_id_endpoint_id_id_idx" ON "webhook_attempt"("organization_id", "endpoint_id", "id");

CREATE UNIQUE INDEX "webhook_event_sequence_key" ON "webhook_event"("organization_id", "sequence") WHERE (sequence IS NOT NULL);

-- The rows that the next reader numbers. Without a reader, all of an organization's rows.
CREATE INDEX "webhook_event_unnumbered_idx" ON "webhook_event"("organization_id", "at", "id") WHERE (sequence IS NULL);

-- Deliveries that are due, and earlier ones of the same department or member.
CREATE INDEX "webhook_delivery_pending_idx" ON "webhook_delivery"("organization_id", "endpoint_id", "order_key", "sequence", "number") WHERE (state = 'pending'::text);

ALTER TABLE "webhook_event" ADD CONSTRAINT "webhook_event_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "webhook_sequence" ADD CONSTRAINT "webhook_sequence_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "webhook_endpoint" ADD CONSTRAINT "webhook_endpoint_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "webhook_delivery" ADD CONSTRAINT "webhook_delivery_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "webhook_attempt" ADD CONSTRAINT "webhook_attempt_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "webhook_event" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "webhook_event" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "webhook_event"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "webhook_sequence" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "webhook_sequence" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "webhook_sequence"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "webhook_endpoint" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "webhook_endpoint" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "webhook_endpoint"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "webhook_delivery" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "webhook_delivery" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "webhook_delivery"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "webhook_attempt" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "webhook_attempt" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "webhook_attempt"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
