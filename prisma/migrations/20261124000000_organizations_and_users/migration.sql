-- expands: organizations, the people who sign in, and what keeps them apart

-- CreateEnum
CREATE TYPE "Role" AS ENUM ('owner', 'admin', 'viewer');

-- CreateTable
CREATE TABLE "organization_ids" (
    "id" UUID NOT NULL,

    CONSTRAINT "organization_ids_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organization" (
    "organization_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL DEFAULT 'Asia/Shanghai',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organization_pkey" PRIMARY KEY ("organization_id")
);

-- CreateTable
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

-- CreateTable
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

-- CreateTable
CREATE TABLE "memberships" (
    "organization_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "Role" NOT NULL,
    "email" TEXT NOT NULL,
    "organization_name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("organization_id","user_id")
);

-- CreateTable
CREATE TABLE "throttle" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL,
    "expire" BIGINT,

    CONSTRAINT "throttle_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "applied_migration" (
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "applied_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "applied_migration_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

-- CreateIndex
CREATE INDEX "throttle_expire_idx" ON "throttle"("expire");

-- AddForeignKey
ALTER TABLE "organization" ADD CONSTRAINT "organization_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization_ids"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Row security: the second fence, behind the predicate that every query names itself. FORCE puts the
-- owner behind it too. A setting that was never made is null, one that a finished transaction left
-- behind is '': nullif makes both match nothing, where a bare cast of '' would throw.
ALTER TABLE "organization_ids" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "organization_ids" FORCE ROW LEVEL SECURITY;
-- Anyone inside may walk over the ids (sweeps); only an organization itself may come and go.
CREATE POLICY "read" ON "organization_ids" FOR SELECT USING (true);
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
  USING (
    "id" = nullif(current_setting('app.user_id', true), '')::uuid
    OR "email" = nullif(current_setting('app.user_email', true), '')
  );

ALTER TABLE "sessions" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "sessions" FORCE ROW LEVEL SECURITY;
CREATE POLICY "self" ON "sessions"
  USING (
    "id" = nullif(current_setting('app.session_id', true), '')::uuid
    OR "user_id" = nullif(current_setting('app.user_id', true), '')::uuid
  );

ALTER TABLE "memberships" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "memberships" FORCE ROW LEVEL SECURITY;
CREATE POLICY "read" ON "memberships" FOR SELECT
  USING (
    "user_id" = nullif(current_setting('app.user_id', true), '')::uuid
    OR "organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid
  );
-- A person reads their own places, but only the organization gives, changes and takes them.
CREATE POLICY "come" ON "memberships" FOR INSERT
  WITH CHECK ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY "change" ON "memberships" FOR UPDATE
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
CREATE POLICY "go" ON "memberships" FOR DELETE
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
