-- expands: members, plans, the past, and what a walk has read

ALTER TYPE "RunState" ADD VALUE 'held' AFTER 'running';
ALTER TYPE "RunState" ADD VALUE 'superseded' AFTER 'cancelled';
ALTER TYPE "RunState" ADD VALUE 'rejected' AFTER 'superseded';
ALTER TYPE "RunState" ADD VALUE 'expired' AFTER 'rejected';

CREATE TYPE "RunMode" AS ENUM ('full', 'verify', 'preview');

CREATE TYPE "DirectoryObject" AS ENUM ('department', 'member');

CREATE TABLE "directory" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 0,
    "scope" JSONB,
    "full_at" TIMESTAMPTZ(3),
    "verified_at" TIMESTAMPTZ(3),
    "whole_listing" TEXT,
    "whole_listing_at" TIMESTAMPTZ(3),
    "sealed_fingerprint_key" BYTEA,
    "departments" INTEGER NOT NULL DEFAULT 0,
    "members" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "directory_pkey" PRIMARY KEY ("organization_id","app_id")
);

CREATE TABLE "directory_settings" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "include_ids" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "exclude_ids" BIGINT[] DEFAULT ARRAY[]::BIGINT[],
    "departments_removable" INTEGER NOT NULL DEFAULT 50,
    "members_removable" INTEGER NOT NULL DEFAULT 200,
    "percent_removable" INTEGER NOT NULL DEFAULT 10,
    "reads_details" BOOLEAN NOT NULL DEFAULT true,
    "details_days" INTEGER NOT NULL DEFAULT 7,
    "removed_days" INTEGER NOT NULL DEFAULT 30,
    "history_days" INTEGER NOT NULL DEFAULT 400,
    "full_every_hours" INTEGER NOT NULL DEFAULT 24,
    "field_mapping" JSONB,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "directory_settings_pkey" PRIMARY KEY ("organization_id","app_id")
);

CREATE TABLE "change_set" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "cause" TEXT NOT NULL,
    "made_by" TEXT,
    "planned_revision" INTEGER NOT NULL DEFAULT 0,
    "revision" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "applied_at" TIMESTAMPTZ(3),
    "departments" INTEGER,
    "members" INTEGER,

    CONSTRAINT "change_set_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "directory_change" (
    "organization_id" UUID NOT NULL,
    "set_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "app_id" UUID NOT NULL,
    "object" "DirectoryObject" NOT NULL,
    "object_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "reason" TEXT,
    "before" JSONB,
    "after" JSONB,
    "base_revision" INTEGER,
    "outcome" TEXT,

    CONSTRAINT "directory_change_pkey" PRIMARY KEY ("organization_id","set_id","number")
);

CREATE TABLE "member" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "user_id" TEXT NOT NULL,
    "union_id" TEXT,
    "name" TEXT NOT NULL,
    "title" TEXT,
    "job_number" TEXT,
    "is_active" BOOLEAN,
    "is_admin" BOOLEAN,
    "is_boss" BOOLEAN,
    "is_exclusive" BOOLEAN,
    "hides_mobile" BOOLEAN,
    "other_fields" TEXT[],
    "personal_id" UUID,
    "since_revision" INTEGER NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "removed_at" TIMESTAMPTZ(3),
    "kept_at" TIMESTAMPTZ(3),
    "erased_at" TIMESTAMPTZ(3),

    CONSTRAINT "member_pkey" PRIMARY KEY ("organization_id","app_id","user_id")
);

CREATE TABLE "member_place" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "department_id" BIGINT NOT NULL,
    "user_id" TEXT NOT NULL,
    "title" TEXT,
    "is_leader" BOOLEAN,
    "order" BIGINT,
    "since_revision" INTEGER NOT NULL,

    CONSTRAINT "member_place_pkey" PRIMARY KEY ("organization_id","app_id","department_id","user_id")
);

CREATE TABLE "member_personal" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "user_id" TEXT NOT NULL,
    "sealed_values" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "member_personal_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "department_count" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "department_id" BIGINT NOT NULL,
    "direct" INTEGER NOT NULL,
    "total" INTEGER NOT NULL,

    CONSTRAINT "department_count_pkey" PRIMARY KEY ("organization_id","app_id","department_id")
);

CREATE TABLE "department_past" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "department_id" BIGINT NOT NULL,
    "from_revision" INTEGER NOT NULL,
    "to_revision" INTEGER NOT NULL,
    "parent_id" BIGINT,
    "name" TEXT NOT NULL,
    "order" BIGINT,
    "source_identifier" TEXT,
    "details" JSONB,

    CONSTRAINT "department_past_pkey" PRIMARY KEY ("organization_id","app_id","department_id","from_revision")
);

CREATE TABLE "member_past" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "user_id" TEXT NOT NULL,
    "from_revision" INTEGER NOT NULL,
    "to_revision" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "title" TEXT,
    "job_number" TEXT,
    "is_active" BOOLEAN,

    CONSTRAINT "member_past_pkey" PRIMARY KEY ("organization_id","app_id","user_id","from_revision")
);

CREATE TABLE "place_past" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "department_id" BIGINT NOT NULL,
    "user_id" TEXT NOT NULL,
    "from_revision" INTEGER NOT NULL,
    "to_revision" INTEGER NOT NULL,
    "title" TEXT,
    "is_leader" BOOLEAN,
    "order" BIGINT,

    CONSTRAINT "place_past_pkey" PRIMARY KEY ("organization_id","app_id","department_id","user_id","from_revision")
);

CREATE TABLE "walk_list" (
    "organization_id" UUID NOT NULL,
    "walk_id" UUID NOT NULL,
    "department_id" BIGINT NOT NULL,
    "app_id" UUID NOT NULL,
    "children" JSONB NOT NULL,

    CONSTRAINT "walk_list_pkey" PRIMARY KEY ("organization_id","walk_id","department_id")
);

CREATE TABLE "walk_detail" (
    "organization_id" UUID NOT NULL,
    "walk_id" UUID NOT NULL,
    "department_id" BIGINT NOT NULL,
    "app_id" UUID NOT NULL,
    "detail" JSONB NOT NULL,

    CONSTRAINT "walk_detail_pkey" PRIMARY KEY ("organization_id","walk_id","department_id")
);

CREATE TABLE "walk_pages" (
    "organization_id" UUID NOT NULL,
    "walk_id" UUID NOT NULL,
    "department_id" BIGINT NOT NULL,
    "app_id" UUID NOT NULL,
    "next_cursor" TEXT,

    CONSTRAINT "walk_pages_pkey" PRIMARY KEY ("organization_id","walk_id","department_id")
);

CREATE TABLE "walk_member" (
    "organization_id" UUID NOT NULL,
    "walk_id" UUID NOT NULL,
    "department_id" BIGINT NOT NULL,
    "user_id" TEXT NOT NULL,
    "app_id" UUID NOT NULL,
    "union_id" TEXT,
    "name" TEXT NOT NULL,
    "title" TEXT,
    "job_number" TEXT,
    "is_active" BOOLEAN,
    "is_admin" BOOLEAN,
    "is_boss" BOOLEAN,
    "is_exclusive" BOOLEAN,
    "hides_mobile" BOOLEAN,
    "other_fields" TEXT[],
    "personal_id" UUID,
    "is_leader" BOOLEAN,
    "department_ids" BIGINT[],
    "order" BIGINT,

    CONSTRAINT "walk_member_pkey" PRIMARY KEY ("organization_id","walk_id","department_id","user_id")
);

ALTER TABLE "organization" ADD COLUMN "keeps_personal" BOOLEAN NOT NULL DEFAULT false;

ALTER TABLE "department" ADD COLUMN "details" JSONB,
ADD COLUMN "details_at" TIMESTAMPTZ(3),
ADD COLUMN "since_revision" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "kept_at" TIMESTAMPTZ(3);

ALTER TABLE "sync_run" ADD COLUMN "mode" "RunMode" NOT NULL DEFAULT 'full',
ADD COLUMN "walk_id" UUID,
ADD COLUMN "members_seen" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "calls_by_api" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN "least_calls" JSONB,
ADD COLUMN "strategy" TEXT,
ADD COLUMN "members_added" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "members_changed" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "members_moved" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "members_removed" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "members_unchanged" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN "held_for" JSONB,
ADD COLUMN "held_until" TIMESTAMPTZ(3),
ADD COLUMN "decision" TEXT,
ADD COLUMN "decided_at" TIMESTAMPTZ(3),
ADD COLUMN "decided_by" TEXT,
ADD COLUMN "decided_by_key" TEXT,
ADD COLUMN "decision_reason" TEXT,
ADD COLUMN "superseded_by_id" UUID,
ADD COLUMN "revision" INTEGER;

CREATE INDEX "sync_run_organization_id_app_id_state_idx" ON "sync_run"("organization_id", "app_id", "state");

CREATE UNIQUE INDEX "change_set_organization_id_app_id_revision_key" ON "change_set"("organization_id", "app_id", "revision");

CREATE INDEX "directory_change_organization_id_app_id_object_object_id_se_idx" ON "directory_change"("organization_id", "app_id", "object", "object_id", "set_id");

CREATE INDEX "member_organization_id_union_id_idx" ON "member"("organization_id", "union_id");

CREATE INDEX "member_place_organization_id_app_id_user_id_idx" ON "member_place"("organization_id", "app_id", "user_id");

CREATE INDEX "member_personal_organization_id_app_id_user_id_idx" ON "member_personal"("organization_id", "app_id", "user_id");

CREATE INDEX "department_past_organization_id_app_id_parent_id_to_revisio_idx" ON "department_past"("organization_id", "app_id", "parent_id", "to_revision");

CREATE INDEX "department_past_organization_id_app_id_to_revision_idx" ON "department_past"("organization_id", "app_id", "to_revision");

CREATE INDEX "member_past_organization_id_app_id_to_revision_idx" ON "member_past"("organization_id", "app_id", "to_revision");

CREATE INDEX "place_past_organization_id_app_id_user_id_idx" ON "place_past"("organization_id", "app_id", "user_id");

CREATE INDEX "place_past_organization_id_app_id_to_revision_idx" ON "place_past"("organization_id", "app_id", "to_revision");

CREATE INDEX "walk_list_organization_id_app_id_idx" ON "walk_list"("organization_id", "app_id");

CREATE INDEX "walk_detail_organization_id_app_id_idx" ON "walk_detail"("organization_id", "app_id");

CREATE INDEX "walk_pages_organization_id_app_id_idx" ON "walk_pages"("organization_id", "app_id");

CREATE INDEX "walk_member_organization_id_walk_id_user_id_idx" ON "walk_member"("organization_id", "walk_id", "user_id");

CREATE INDEX "walk_member_organization_id_app_id_idx" ON "walk_member"("organization_id", "app_id");

ALTER TABLE "directory" ADD CONSTRAINT "directory_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "directory_settings" ADD CONSTRAINT "directory_settings_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "change_set" ADD CONSTRAINT "change_set_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "directory_change" ADD CONSTRAINT "directory_change_organization_id_set_id_fkey" FOREIGN KEY ("organization_id", "set_id") REFERENCES "change_set"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "member" ADD CONSTRAINT "member_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "member_place" ADD CONSTRAINT "member_place_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "member_personal" ADD CONSTRAINT "member_personal_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "department_count" ADD CONSTRAINT "department_count_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "department_past" ADD CONSTRAINT "department_past_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "member_past" ADD CONSTRAINT "member_past_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "place_past" ADD CONSTRAINT "place_past_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "walk_list" ADD CONSTRAINT "walk_list_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "walk_detail" ADD CONSTRAINT "walk_detail_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "walk_pages" ADD CONSTRAINT "walk_pages_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "walk_member" ADD CONSTRAINT "walk_member_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "directory" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "directory" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "directory"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "directory_settings" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "directory_settings" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "directory_settings"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "change_set" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "change_set" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "change_set"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "directory_change" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "directory_change" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "directory_change"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "member" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "member" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "member"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "member_place" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "member_place" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "member_place"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "member_personal" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "member_personal" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "member_personal"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "department_count" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "department_count" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "department_count"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "department_past" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "department_past" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "department_past"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "member_past" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "member_past" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "member_past"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "place_past" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "place_past" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "place_past"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "walk_list" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "walk_list" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "walk_list"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "walk_detail" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "walk_detail" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "walk_detail"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "walk_pages" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "walk_pages" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "walk_pages"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "walk_member" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "walk_member" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "walk_member"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
