-- expands: connected apps with their tokens, departments and sync runs
CREATE TYPE "AppState" AS ENUM ('draft', 'verified', 'degraded', 'broken', 'disabled');

CREATE TYPE "RunState" AS ENUM ('queued', 'running', 'succeeded', 'failed', 'interrupted', 'cancelled');

CREATE TYPE "RunTrigger" AS ENUM ('manual', 'schedule', 'first', 'takeover');

CREATE TABLE "dingtalk_app" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "app_key" TEXT NOT NULL,
    "sealed_secret" BYTEA NOT NULL,
    "secret_tail" TEXT NOT NULL,
    "corp_id" TEXT,
    "agent_id" TEXT,
    "state" "AppState" NOT NULL,
    "state_since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "state_reason" JSONB,
    "verified_at" TIMESTAMPTZ(3),
    "sync_every_hours" INTEGER NOT NULL DEFAULT 6,
    "active_run_id" UUID,
    "last_seen_at" TIMESTAMPTZ(3),
    "runs_made" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "dingtalk_app_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "app_token" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 0,
    "sealed_token" BYTEA,
    "changed_at" TIMESTAMPTZ(3),
    "obtained_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "renew_at" TIMESTAMPTZ(3),
    "not_extended_until" TIMESTAMPTZ(3),
    "last_error" JSONB,
    "last_error_at" TIMESTAMPTZ(3),
    "renewing_by" UUID,
    "renewing_until" TIMESTAMPTZ(3),
    "attempted_at" TIMESTAMPTZ(3)[],

    CONSTRAINT "app_token_pkey" PRIMARY KEY ("organization_id","app_id")
);

CREATE TABLE "department" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "department_id" BIGINT NOT NULL,
    "parent_id" BIGINT,
    "name" TEXT NOT NULL,
    "order" BIGINT,
    "source_identifier" TEXT,
    "extra" JSONB NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "department_pkey" PRIMARY KEY ("organization_id","app_id","department_id")
);

CREATE TABLE "sync_run" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "state" "RunState" NOT NULL,
    "trigger" "RunTrigger" NOT NULL,
    "started_by" TEXT,
    "resumes_run_id" UUID,
    "queued_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "stage" TEXT,
    "departments_seen" INTEGER NOT NULL DEFAULT 0,
    "calls" INTEGER NOT NULL DEFAULT 0,
    "throttles" INTEGER NOT NULL DEFAULT 0,
    "added" INTEGER NOT NULL DEFAULT 0,
    "changed" INTEGER NOT NULL DEFAULT 0,
    "moved" INTEGER NOT NULL DEFAULT 0,
    "removed" INTEGER NOT NULL DEFAULT 0,
    "unchanged" INTEGER NOT NULL DEFAULT 0,
    "is_complete" BOOLEAN NOT NULL DEFAULT false,
    "error" JSONB,

    CONSTRAINT "sync_run_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE UNIQUE INDEX "dingtalk_app_organization_id_app_key_key" ON "dingtalk_app"("organization_id", "app_key");

CREATE INDEX "department_organization_id_app_id_parent_id_idx" ON "department"("organization_id", "app_id", "parent_id");

CREATE UNIQUE INDEX "sync_run_organization_id_app_id_number_key" ON "sync_run"("organization_id", "app_id", "number");

ALTER TABLE "dingtalk_app" ADD CONSTRAINT "dingtalk_app_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "app_token" ADD CONSTRAINT "app_token_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "department" ADD CONSTRAINT "department_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "sync_run" ADD CONSTRAINT "sync_run_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "dingtalk_app" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "dingtalk_app" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "dingtalk_app"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "app_token" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "app_token" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "app_token"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "department" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "department" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "department"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "sync_run" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "sync_run" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "sync_run"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

