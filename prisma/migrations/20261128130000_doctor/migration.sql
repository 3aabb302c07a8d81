-- expands: what the doctor last saw of an app

CREATE TABLE "doctor_report" (
    "organization_id" UUID NOT NULL,
    "app_id" UUID NOT NULL,
    "checks" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "doctor_report_pkey" PRIMARY KEY ("organization_id","app_id")
);

ALTER TABLE "doctor_report" ADD CONSTRAINT "doctor_report_organization_id_app_id_fkey" FOREIGN KEY ("organization_id", "app_id") REFERENCES "dingtalk_app"("organization_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

ALTER TABLE "doctor_report" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "doctor_report" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant" ON "doctor_report"
  USING ("organization_id" = nullif(current_setting('app.organization_id', true), '')::uuid);
