-- expands: what the names of a directory are found by
CREATE TABLE "search_term" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "kind" SMALLINT NOT NULL,
    "place" SMALLINT NOT NULL,
    -- In the order of bytes, whatever the database's collation: a range of it is leakproof, and begins with what was typed
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

ALTER TABLE "dingtalk_app" ADD COLUMN "search_form" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "search_name" ADD CONSTRAINT "search_name_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "search_term" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "search_term" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "search_term"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);

ALTER TABLE "search_name" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "search_name" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "search_name"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
