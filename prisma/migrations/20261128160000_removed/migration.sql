-- expands: what was removed is counted and listed without a look at what is there
CREATE INDEX "department_removed_idx" ON "department"("organization_id", "app_id", "removed_at", "department_id") WHERE "removed_at" IS NOT NULL;
CREATE INDEX "member_removed_idx" ON "member"("organization_id", "app_id", "removed_at", "user_id") WHERE "removed_at" IS NOT NULL;
