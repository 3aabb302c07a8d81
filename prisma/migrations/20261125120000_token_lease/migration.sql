-- expands: leases of tokens, and tickets for signing pages
ALTER TABLE "app_token" ADD COLUMN "string_version" INTEGER, ADD COLUMN "force_after" TIMESTAMPTZ(3);

ALTER TABLE "dingtalk_app" ADD COLUMN "jsapi_origins" TEXT[] DEFAULT ARRAY[]::TEXT[];

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

    CONSTRAINT "jsapi_ticket_pkey" PRIMARY KEY ("organization_id","app_id")
);

ALTER TABLE "jsapi_ticket" ADD CONSTRAINT "jsapi_ticket_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "jsapi_ticket" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "jsapi_ticket" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "jsapi_ticket"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
