-- expands: API keys, and the answers to requests that may be repeated
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

CREATE UNIQUE INDEX "api_key_organization_id_key_hash_key" ON "api_key"("organization_id", "key_hash");

CREATE UNIQUE INDEX "idempotent_answer_organization_id_key_id_route_given_hash_key" ON "idempotent_answer"("organization_id", "key_id", "route", "given_hash");

ALTER TABLE "api_key" ADD CONSTRAINT "api_key_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organization"("organization_id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "idempotent_answer" ADD CONSTRAINT "idempotent_answer_organization_id_key_id_fkey" FOREIGN KEY ("organization_id", "key_id") REFERENCES "api_key"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "api_key" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "api_key" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "api_key"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "idempotent_answer" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "idempotent_answer" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "idempotent_answer"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
