-- expands: what a verifying run found, for which it went on to read everything
ALTER TABLE "sync_run" ADD COLUMN "difference" JSONB;
