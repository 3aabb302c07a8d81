-- expands: the whole schema of the first release

CREATE TYPE "Role" AS ENUM ('owner', 'admin', 'viewer');

CREATE TYPE "AppState" AS ENUM ('draft', 'verified', 'degraded', 'broken', 'disabled');

CREATE TYPE "RunState" AS ENUM ('queued', 'running', 'held', 'succeeded', 'failed', 'interrupted', 'cancelled', 'superseded', 'rejected', 'expired');

CREATE TYPE "RunTrigger" AS ENUM ('manual', 'schedule', 'first', 'takeover', 'retry');

CREATE TYPE "AppKind" AS ENUM ('internal', 'unified', 'isv');

CREATE TYPE "RunMode" AS ENUM ('full', 'verify', 'preview');

CREATE TYPE "DirectoryObject" AS ENUM ('department', 'member');

CREATE TABLE "organization_ids" (
    "id" UUID NOT NULL,

    CONSTRAINT "organization_ids_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "organization" (
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL DEFAULT 'Asia/Shanghai',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "keeps_personal" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "organization_pkey" PRIMARY KEY ("organization_id")
);

CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "password_hash" TEXT,
    "password_changed_at" TIMESTAMPTZ(3),
    "link_hash" BYTEA,
    "link_expires_at" TIMESTAMPTZ(3),
    "disabled_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "password_confirmed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "address" TEXT NOT NULL,
    "user_agent" TEXT NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "memberships" (
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "Role" NOT NULL,
    "email" TEXT NOT NULL,
    "organization_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("organization_id","user_id")
);

CREATE TABLE "throttle" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL,
    "expire" BIGINT,
    "blocked_until" BIGINT,

    CONSTRAINT "throttle_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "applied_migration" (
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "applied_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "applied_migration_pkey" PRIMARY KEY ("name")
);

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
    "disabled_at" TIMESTAMPTZ(3),
    "disabled_by" TEXT,
    "calls_per_second" INTEGER,
    "jsapi_origins" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "kind" "AppKind" NOT NULL DEFAULT 'internal',
    "sealed_suite_ticket" BYTEA,
    "suite_ticket_at" TIMESTAMPTZ(3),
    "probe_at" TIMESTAMPTZ(3),
    "calls_per_month" INTEGER NOT NULL DEFAULT 5000,
    "quota_used_up_at" TIMESTAMPTZ(3),
    "search_form" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "dingtalk_app_pkey" PRIMARY KEY ("organization_id","id"),
    CONSTRAINT "dingtalk_app_corp_id_of_kind" CHECK (((kind = 'internal'::"AppKind") OR (corp_id IS NOT NULL)))
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
    "string_version" INTEGER,
    "force_after" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,

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
    "details" JSONB,
    "details_at" TIMESTAMPTZ(3),
    "since_revision" INTEGER NOT NULL DEFAULT 0,
    "kept_at" TIMESTAMPTZ(3),

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
    "started_by_key" TEXT,
    "mode" "RunMode" NOT NULL DEFAULT 'full',
    "walk_id" UUID,
    "members_seen" INTEGER NOT NULL DEFAULT 0,
    "calls_by_api" JSONB NOT NULL DEFAULT '{}',
    "least_calls" JSONB,
    "strategy" TEXT,
    "members_added" INTEGER NOT NULL DEFAULT 0,
    "members_changed" INTEGER NOT NULL DEFAULT 0,
    "members_moved" INTEGER NOT NULL DEFAULT 0,
    "members_removed" INTEGER NOT NULL DEFAULT 0,
    "members_unchanged" INTEGER NOT NULL DEFAULT 0,
    "held_for" JSONB,
    "held_until" TIMESTAMPTZ(3),
    "decision" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "decided_by" TEXT,
    "decided_by_key" TEXT,
    "decision_reason" TEXT,
    "superseded_by_id" UUID,
    "revision" INTEGER,
    "difference" JSONB,
    "retry_at" TIMESTAMPTZ(3),

    CONSTRAINT "sync_run_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "api_key" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "key_hash" BYTEA NOT NULL,
    "key_tail" TEXT NOT NULL,
    "scopes" TEXT[],
    "app_ids" UUID[],
    "is_for_all_apps" BOOLEAN NOT NULL,
    "path_prefixes" TEXT[],
    "networks" TEXT[],
    "requests_per_minute" INTEGER NOT NULL,
    "monthly_share" INTEGER,
    "expires_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "created_by" TEXT,
    "revoked_at" TIMESTAMPTZ(3),
    "revoked_by" TEXT,
    "last_used_at" TIMESTAMPTZ(3),
    "last_used_address" TEXT,

    CONSTRAINT "api_key_pkey" PRIMARY KEY ("organization_id","id")
);

CREATE TABLE "idempotent_answer" (
    "organization_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "key_id" UUID NOT NULL,
    "route" TEXT NOT NULL,
    "given_hash" BYTEA NOT NULL,
    "body_hash" BYTEA NOT NULL,
    "sealed_answer" BYTEA,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotent_answer_pkey" PRIMARY KEY ("organization_id","id")
);

-- UNLOGGED, so that leases do not wait for the disk. The counters are useless after a crash, which lasts longer than their
-- period. Times are milliseconds since the epoch.
CREATE UNLOGGED TABLE "call_lane" (
    "key" TEXT NOT NULL,
    "next_at" DOUBLE PRECISION,
    "wanted_until" DOUBLE PRECISION,
    "paused_until" DOUBLE PRECISION,
    "calls_per_second" DOUBLE PRECISION,
    "rate_until" DOUBLE PRECISION,

    CONSTRAINT "call_lane_pkey" PRIMARY KEY ("key")
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE "egress_second" (
    "second" BIGINT NOT NULL,
    "calls" INTEGER NOT NULL,

    CONSTRAINT "egress_second_pkey" PRIMARY KEY ("second")
) WITH (fillfactor = 50);

CREATE UNLOGGED TABLE "request_minute" (
    "key" TEXT NOT NULL,
    "minute" BIGINT NOT NULL,
    "requests" INTEGER NOT NULL,

    CONSTRAINT "request_minute_pkey" PRIMARY KEY ("key","minute")
) WITH (fillfactor = 50);

CREATE TABLE "egress_ban" (
    "key" TEXT NOT NULL,
    "began_at" TIMESTAMPTZ(3) NOT NULL,
    "ends_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "egress_ban_pkey" PRIMARY KEY ("key")
);

CREATE TABLE "jsapi_ticket" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 0,
    "string_version" INTEGER,
    "sealed_ticket" BYTEA,
    "changed_at" TIMESTAMPTZ(3),
    "obtained_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),
    "renew_at" TIMESTAMPTZ(3),
    "not_extended_until" TIMESTAMPTZ(3),
    "force_after" TIMESTAMPTZ(3),
    "last_error" JSONB,
    "last_error_at" TIMESTAMPTZ(3),
    "renewing_by" UUID,
    "renewing_until" TIMESTAMPTZ(3),
    "attempted_at" TIMESTAMPTZ(3)[],
    "failures" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "jsapi_ticket_pkey" PRIMARY KEY ("organization_id","app_id")
);

CREATE TABLE "live_process" (
    "id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "key_hashes" TEXT[],
    "sealing_hash" TEXT,

    CONSTRAINT "live_process_pkey" PRIMARY KEY ("id")
);

CREATE TABLE "sealing_key" (
    "hash" TEXT NOT NULL,
    "first_used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sealing_key_pkey" PRIMARY KEY ("hash")
);

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

CREATE TABLE "search_term" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "kind" SMALLINT NOT NULL,
    "place" SMALLINT NOT NULL,
    -- Byte order, whatever the collation of the database, because prefix ranges must be leakproof for row security.
    "term" TEXT COLLATE "C" NOT NULL,
    "object_id" TEXT NOT NULL,

    CONSTRAINT "search_term_pkey" PRIMARY KEY ("organization_id","app_id","kind","place","term","object_id")
);

CREATE TABLE "search_name" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "kind" SMALLINT NOT NULL,
    "object_id" TEXT NOT NULL,
    "first" TEXT NOT NULL,
    "inside" TEXT NOT NULL,

    CONSTRAINT "search_name_pkey" PRIMARY KEY ("organization_id","app_id","kind","object_id")
);

CREATE TABLE "doctor_report" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "checks" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "doctor_report_pkey" PRIMARY KEY ("organization_id","app_id")
);

CREATE TABLE "counter_key" (
    "id" INTEGER NOT NULL,
    "sealed" BYTEA NOT NULL,

    CONSTRAINT "counter_key_pkey" PRIMARY KEY ("id")
);

CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

CREATE INDEX "throttle_expire_idx" ON "throttle"("expire");

-- A SuiteKey is connected once per customer. An internal app has one organization, so its CorpId is optional.
CREATE UNIQUE INDEX "dingtalk_app_organization_id_kind_app_key_corp_id_key" ON "dingtalk_app"("organization_id", "kind", "app_key", "corp_id");

CREATE UNIQUE INDEX "dingtalk_app_internal_key" ON "dingtalk_app"("organization_id", "app_key") WHERE (kind = 'internal'::"AppKind");

CREATE INDEX "department_organization_id_app_id_parent_id_idx" ON "department"("organization_id", "app_id", "parent_id");

CREATE INDEX "department_removed_idx" ON "department"("organization_id", "app_id", "removed_at", "department_id") WHERE (removed_at IS NOT NULL);

CREATE UNIQUE INDEX "sync_run_organization_id_app_id_number_key" ON "sync_run"("organization_id", "app_id", "number");

CREATE INDEX "sync_run_organization_id_app_id_state_idx" ON "sync_run"("organization_id", "app_id", "state");

CREATE UNIQUE INDEX "api_key_organization_id_key_hash_key" ON "api_key"("organization_id", "key_hash");

CREATE UNIQUE INDEX "idempotent_answer_organization_id_key_id_route_given_hash_key" ON "idempotent_answer"("organization_id", "key_id", "route", "given_hash");

CREATE INDEX "token_event_organization_id_app_id_at_idx" ON "token_event"("organization_id", "app_id", "at");

CREATE INDEX "token_event_organization_id_at_idx" ON "token_event"("organization_id", "at");

CREATE INDEX "token_read_hour_organization_id_hour_idx" ON "token_read_hour"("organization_id", "hour");

CREATE INDEX "app_notice_organization_id_since_idx" ON "app_notice"("organization_id", "since");

CREATE INDEX "app_notice_organization_id_app_id_idx" ON "app_notice"("organization_id", "app_id");

CREATE INDEX "logged_call_organization_id_app_id_id_idx" ON "logged_call"("organization_id", "app_id", "id");

CREATE INDEX "logged_call_organization_id_key_id_id_idx" ON "logged_call"("organization_id", "key_id", "id");

CREATE INDEX "logged_call_organization_id_request_id_idx" ON "logged_call"("organization_id", "request_id");

CREATE UNIQUE INDEX "change_set_organization_id_app_id_revision_key" ON "change_set"("organization_id", "app_id", "revision");

-- Without `object`, because comparisons of enum values are not leakproof and could not use the index under row security.
CREATE INDEX "directory_change_organization_id_app_id_object_id_set_id_idx" ON "directory_change"("organization_id", "app_id", "object_id", "set_id");

CREATE INDEX "member_organization_id_union_id_idx" ON "member"("organization_id", "union_id");

CREATE INDEX "member_removed_idx" ON "member"("organization_id", "app_id", "removed_at", "user_id") WHERE (removed_at IS NOT NULL);

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

-- Without these statistics the planner takes organization and app for independent. With 300 organizations of 100,000 rows
-- each, it expects no row per app, and every index that begins with the app looks as good as the right one.
CREATE STATISTICS department_app (dependencies) ON organization_id, app_id FROM department;

CREATE STATISTICS member_app (dependencies) ON organization_id, app_id FROM member;

CREATE STATISTICS member_place_app (dependencies) ON organization_id, app_id FROM member_place;

CREATE STATISTICS department_past_app (dependencies) ON organization_id, app_id FROM department_past;

CREATE STATISTICS member_past_app (dependencies) ON organization_id, app_id FROM member_past;

CREATE STATISTICS place_past_app (dependencies) ON organization_id, app_id FROM place_past;

CREATE STATISTICS directory_change_app (dependencies) ON organization_id, app_id FROM directory_change;

ALTER TABLE "organization" ADD CONSTRAINT "organization_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "dingtalk_app" ADD CONSTRAINT "dingtalk_app_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "app_token" ADD CONSTRAINT "app_token_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "department" ADD CONSTRAINT "department_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "sync_run" ADD CONSTRAINT "sync_run_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "api_key" ADD CONSTRAINT "api_key_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "idempotent_answer" ADD CONSTRAINT "idempotent_answer_organization_id_key_id_fkey" FOREIGN KEY ("organization_id", "key_id") REFERENCES "api_key"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "jsapi_ticket" ADD CONSTRAINT "jsapi_ticket_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "token_event" ADD CONSTRAINT "token_event_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "token_read_hour" ADD CONSTRAINT "token_read_hour_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "app_notice" ADD CONSTRAINT "app_notice_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "notice_seen" ADD CONSTRAINT "notice_seen_organization_id_notice_id_fkey" FOREIGN KEY ("organization_id", "notice_id") REFERENCES "app_notice"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "logged_call" ADD CONSTRAINT "logged_call_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "call_gap" ADD CONSTRAINT "call_gap_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "call_month" ADD CONSTRAINT "call_month_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "directory" ADD CONSTRAINT "directory_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "directory_settings" ADD CONSTRAINT "directory_settings_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "change_set" ADD CONSTRAINT "change_set_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "directory_change" ADD CONSTRAINT "directory_change_organization_id_set_id_fkey" FOREIGN KEY ("organization_id", "set_id") REFERENCES "change_set"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "member" ADD CONSTRAINT "member_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "member_place" ADD CONSTRAINT "member_place_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "member_personal" ADD CONSTRAINT "member_personal_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "department_count" ADD CONSTRAINT "department_count_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "department_past" ADD CONSTRAINT "department_past_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "member_past" ADD CONSTRAINT "member_past_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "place_past" ADD CONSTRAINT "place_past_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "walk_list" ADD CONSTRAINT "walk_list_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "walk_detail" ADD CONSTRAINT "walk_detail_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "walk_pages" ADD CONSTRAINT "walk_pages_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "walk_member" ADD CONSTRAINT "walk_member_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "search_name" ADD CONSTRAINT "search_name_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "doctor_report" ADD CONSTRAINT "doctor_report_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Row security is the second barrier besides the predicate in every query. FORCE applies it to the owner too. A setting is
-- null if it was never made, and '' after a transaction that made it. nullif lets both match nothing; a cast of '' would
-- throw.

ALTER TABLE "organization_ids" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "organization_ids" FORCE ROW LEVEL SECURITY;
-- Sweeps read all ids. Only the organization itself can insert or delete its id.
CREATE POLICY "read" ON "organization_ids" FOR SELECT
  USING (true);
CREATE POLICY "come" ON "organization_ids" FOR INSERT
  WITH CHECK ("id" = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY "go" ON "organization_ids" FOR DELETE
  USING ("id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "organization" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "organization" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "organization"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "users" FORCE ROW LEVEL SECURITY;
CREATE POLICY "self" ON "users"
  USING (("id" = nullif(current_setting('app.user_id', true), '')::uuid) OR ("email" = nullif(current_setting('app.user_email', true), '')));

ALTER TABLE "sessions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "sessions" FORCE ROW LEVEL SECURITY;
CREATE POLICY "self" ON "sessions"
  USING (("id" = nullif(current_setting('app.session_id', true), '')::uuid) OR ("user_id" = nullif(current_setting('app.user_id', true), '')::uuid));
-- Lets housekeeping, which has no user id, delete expired sessions. For DELETE only, because addresses and browsers of
-- sessions are readable by their user alone.
CREATE POLICY "over" ON "sessions" FOR DELETE
  USING ("expires_at" < now());

ALTER TABLE "memberships" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "memberships" FORCE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "memberships" FOR SELECT
  USING (("user_id" = nullif(current_setting('app.user_id', true), '')::uuid) OR ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid));
-- Users read their own memberships, but only the organization inserts, changes and deletes them.
CREATE POLICY "come" ON "memberships" FOR INSERT
  WITH CHECK ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY "change" ON "memberships" FOR UPDATE
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY "go" ON "memberships" FOR DELETE
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

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

ALTER TABLE "api_key" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "api_key" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "api_key"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "idempotent_answer" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "idempotent_answer" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "idempotent_answer"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "jsapi_ticket" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "jsapi_ticket" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "jsapi_ticket"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "token_event" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "token_event" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "token_event"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "token_read_hour" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "token_read_hour" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "token_read_hour"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "app_notice" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "app_notice" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "app_notice"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "notice_seen" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "notice_seen" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "notice_seen"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

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

ALTER TABLE "search_term" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "search_term" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "search_term"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "search_name" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "search_name" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "search_name"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "doctor_report" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "doctor_report" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "doctor_report"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

-- Row security shows one organization at a time, so each procedure sets one organization after another, in a fixed order
-- to prevent deadlocks between processes that write the same rows. Procedures run with the caller's rights. They are
-- procedures with `SET LOCAL`, instead of functions with set_config(), because only those settings reach the workers of a
-- distributed PostgreSQL.
CREATE PROCEDURE "write_key_uses"("uses" JSONB) LANGUAGE plpgsql AS $$
DECLARE
  "one" RECORD;
BEGIN
  FOR "one" IN
    SELECT (u ->> 'organizationId')::uuid AS id, jsonb_agg(u) AS uses
    FROM jsonb_array_elements("uses") u GROUP BY 1 ORDER BY 1
  LOOP
    EXECUTE format('SET LOCAL app.organization_id = %L', "one".id);
    UPDATE "api_key" k SET "last_used_at" = u."at", "last_used_address" = u."address"
    FROM jsonb_to_recordset("one".uses) AS u ("keyId" UUID, "at" TIMESTAMPTZ(3), "address" TEXT)
    WHERE k."organization_id" = "one".id AND k."id" = u."keyId"
      AND (k."last_used_at" IS NULL OR k."last_used_at" < u."at");
  END LOOP;
END
$$;

CREATE PROCEDURE "write_token_reads"("counts" JSONB) LANGUAGE plpgsql AS $$
DECLARE
  "one" RECORD;
BEGIN
  FOR "one" IN
    SELECT (c ->> 'organizationId')::uuid AS id, jsonb_agg(c) AS counts
    FROM jsonb_array_elements("counts") c GROUP BY 1 ORDER BY 1
  LOOP
    EXECUTE format('SET LOCAL app.organization_id = %L', "one".id);
    -- Skips apps that were deleted meanwhile.
    INSERT INTO "token_read_hour" AS r ("organization_id", "app_id", "key_id", "hour", "reads")
    SELECT a."organization_id", c."appId", c."keyId", c."hour", c."reads"
    FROM jsonb_to_recordset("one".counts) AS c ("appId" UUID, "keyId" UUID, "hour" TIMESTAMPTZ, "reads" INTEGER)
      JOIN "dingtalk_app" a ON a."organization_id" = "one".id AND a."id" = c."appId"
    ORDER BY c."appId", c."hour", c."keyId"
    ON CONFLICT ("organization_id", "app_id", "hour", "key_id") DO UPDATE SET "reads" = r."reads" + excluded."reads";
  END LOOP;
END
$$;
